import { currentLanguage } from '../messages/index.svelte';

/** Words about sounds: fetched with the pages that show them, and not before. */
interface SoundWords {
  by: string;
  videos: (count: number) => string;
  use: string;
  notShared: string;
  original: string;
  chosen: string;
  own: string;
  share: string;
  missing: string;
}

const en: SoundWords = {
  by: 'by',
  videos: (count) => `${count} ${count === 1 ? 'video' : 'videos'}`,
  use: 'Use this sound',
  notShared: 'This sound is not shared.',
  original: 'The original first',
  chosen: 'Heard in your video:',
  own: 'Keep my own sound',
  share: 'Others may use the sound',
  missing: 'This sound is not here',
};

const fr: SoundWords = {
  by: 'de',
  videos: (count) => `${count} ${count < 2 ? 'vidéo' : 'vidéos'}`,
  use: 'Utiliser ce son',
  notShared: 'Ce son n’est pas partagé.',
  original: 'L’original d’abord',
  chosen: 'On entendra dans votre vidéo :',
  own: 'Garder mon propre son',
  share: 'D’autres peuvent utiliser le son',
  missing: 'Ce son n’est pas ici',
};

/** In the language in use. */
export function soundWords(): SoundWords {
  return currentLanguage() === 'fr' ? fr : en;
}
