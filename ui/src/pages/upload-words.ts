import { currentLanguage } from '../messages/index.svelte';

/** Words for uploads on their way and what can be done with them: fetched with the pages that show them, and not before. */
interface UploadWords {
  limits: (megabytes: number, seconds: number) => string;
  tooLarge: (megabytes: number) => string;
  notVideo: string;
  interrupted: (name: string) => string;
  steps: string[];
  duplicate: string;
  anyway: string;
  larger: string;
  captions: string;
  room: (videos: number, megabytes: number) => string;
  quota: string;
  title: string;
  pick: string;
  drop: string;
  again: string;
  caption: string;
  captionHint: string;
  language: string;
  languageNone: string;
  submit: string;
  cancel: string;
  forget: string;
  stay: string;
  state: {
    idle: string;
    receiving: (percent: number) => string;
    waiting: string;
    uploaded: string;
    processing: string;
    ready: string;
    failed: string;
  };
  watch: string;
  another: string;
}

const en: UploadWords = {
  limits: (megabytes, seconds) => `Up to ${megabytes} MB and ${seconds} seconds. Any common format.`,
  tooLarge: (megabytes) => `This file is larger than ${megabytes} MB.`,
  notVideo: 'This does not look like a video file.',
  interrupted: (name) => `The upload of “${name}” was interrupted. Choose the same file to go on where it stopped.`,
  steps: ['Upload', 'Checked', 'Picture', 'Playable', 'Full'],
  duplicate: 'You have posted this video before.',
  anyway: 'Post it anyway',
  larger: 'Larger sizes are being made.',
  captions: 'Captions',
  room: (videos, megabytes) => `Today you have ${videos} ${videos === 1 ? 'video' : 'videos'} and ${megabytes} MB left.`,
  quota: 'That is more than you may upload today.',
  title: 'Upload a video',
  pick: 'Choose a video',
  drop: 'or drop one here',
  again: 'Choose another',
  caption: 'Title',
  captionHint: 'What is it about? Add #hashtags if you like.',
  language: 'Language of the video',
  languageNone: 'No words in it',
  submit: 'Publish',
  cancel: 'Stop the upload',
  forget: 'Forget it',
  stay: 'You can go on watching; the upload continues.',
  state: {
    idle: 'Not started',
    receiving: (percent) => `Uploading, ${percent} %`,
    waiting: 'The line dropped. Going on as soon as it is back.',
    uploaded: 'Uploaded. Waiting for its turn.',
    processing: 'Being prepared for every screen.',
    ready: 'Ready. People can see it now.',
    failed: 'That did not work.',
  },
  watch: 'Watch it',
  another: 'Upload another',
};

const fr: UploadWords = {
  limits: (megabytes, seconds) => `Jusqu’à ${megabytes} Mo et ${seconds} secondes. Tous les formats courants.`,
  tooLarge: (megabytes) => `Ce fichier dépasse ${megabytes} Mo.`,
  notVideo: 'Ce fichier ne semble pas être une vidéo.',
  interrupted: (name) => `L’envoi de « ${name} » a été interrompu. Choisissez le même fichier pour le reprendre où il s’est arrêté.`,
  steps: ['Envoi', 'Vérifiée', 'Image', 'Lisible', 'Complète'],
  duplicate: 'Vous avez déjà publié cette vidéo.',
  anyway: 'La publier quand même',
  larger: 'Les grandes tailles suivent.',
  captions: 'Sous-titres',
  room: (videos, megabytes) => `Il vous reste aujourd’hui ${videos} ${videos < 2 ? 'vidéo' : 'vidéos'} et ${megabytes} Mo.`,
  quota: 'C’est plus que ce que vous pouvez envoyer aujourd’hui.',
  title: 'Publier une vidéo',
  pick: 'Choisir une vidéo',
  drop: 'ou déposez-la ici',
  again: 'En choisir une autre',
  caption: 'Titre',
  captionHint: 'De quoi s’agit-il ? Ajoutez des #motsdièse si vous voulez.',
  language: 'Langue de la vidéo',
  languageNone: 'Sans paroles',
  submit: 'Publier',
  cancel: 'Arrêter l’envoi',
  forget: 'Oublier',
  stay: 'Vous pouvez continuer à regarder, l’envoi se poursuit.',
  state: {
    idle: 'Pas commencé',
    receiving: (percent) => `Envoi, ${percent} %`,
    waiting: 'Connexion perdue. L’envoi reprendra dès son retour.',
    uploaded: 'Envoyée. Attend son tour.',
    processing: 'En préparation pour tous les écrans.',
    ready: 'Prête. Tout le monde peut la voir.',
    failed: 'Cela n’a pas fonctionné.',
  },
  watch: 'La regarder',
  another: 'En publier une autre',
};

/** In the language in use. */
export function uploadWords(): UploadWords {
  return currentLanguage() === 'fr' ? fr : en;
}
