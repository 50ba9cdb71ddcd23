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
};

/** In the language in use. */
export function uploadWords(): UploadWords {
  return currentLanguage() === 'fr' ? fr : en;
}
