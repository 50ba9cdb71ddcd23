import { currentLanguage } from '../messages/index.svelte';

/** Words for one’s own videos and account: fetched with the pages that show them, and not before. */
const en = {
  title: 'Your videos',
  none: 'You have not uploaded anything yet.',
  settings: 'Settings',
  deleteVideo: 'Delete this video',
  videoDeleted: 'Video deleted.',
  cover: 'Choose the cover',
  coverOf: (number: number, count: number) => `Cover ${number} of ${count}`,
  coverChosen: 'This is the cover now.',
  accountDeleted: 'Your account is gone. Take care.',
  state: {
    receiving: 'Uploading',
    uploaded: 'Uploaded, waiting its turn',
    processing: 'Being prepared',
    ready: 'Ready',
    failed: 'Failed',
    removed: 'Removed by a moderator',
  },
};

const fr: typeof en = {
  title: 'Vos vidéos',
  none: 'Vous n’avez encore rien publié.',
  settings: 'Réglages',
  deleteVideo: 'Supprimer cette vidéo',
  videoDeleted: 'Vidéo supprimée.',
  cover: 'Choisir la couverture',
  coverOf: (number, count) => `Couverture ${number} sur ${count}`,
  coverChosen: 'C’est la couverture maintenant.',
  accountDeleted: 'Votre compte est supprimé. Portez-vous bien.',
  state: {
    receiving: 'Envoi en cours',
    uploaded: 'Envoyée, attend son tour',
    processing: 'En préparation',
    ready: 'Prête',
    failed: 'Échec',
    removed: 'Retirée par la modération',
  },
};

/** In the language in use. */
export function ownWords(): typeof en {
  return currentLanguage() === 'fr' ? fr : en;
}
