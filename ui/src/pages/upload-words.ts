import { currentLanguage } from '../messages/index.svelte';

/** Words for uploads on their way and what can be done with them: fetched with the pages that show them, and not before. */
interface UploadWords {
  steps: string[];
  duplicate: string;
  anyway: string;
  larger: string;
  captions: string;
  room: (videos: number, megabytes: number) => string;
  quota: string;
}

const en: UploadWords = {
  steps: ['Upload', 'Checked', 'Picture', 'Playable', 'Full'],
  duplicate: 'You have posted this video before.',
  anyway: 'Post it anyway',
  larger: 'Larger sizes are being made.',
  captions: 'Captions',
  room: (videos, megabytes) => `Today you have ${videos} ${videos === 1 ? 'video' : 'videos'} and ${megabytes} MB left.`,
  quota: 'That is more than you may upload today.',
};

const fr: UploadWords = {
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
