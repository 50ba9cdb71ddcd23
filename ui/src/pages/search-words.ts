import { currentLanguage } from '../messages/index.svelte';

/** Words for search and hashtags: fetched with their pages, and not before. */
const en = {
  label: 'Search videos, people, hashtags and sounds',
  hint: 'Search',
  clear: 'Empty the field',
  go: 'Search',
  kinds: { videos: 'Videos', people: 'People', hashtags: 'Hashtags', sounds: 'Sounds' },
  kindsLabel: 'What to look for',
  suggestions: 'Suggestions',
  suggested: (count: number) => (count === 1 ? '1 suggestion' : `${count} suggestions`),
  soundBy: (handle: string) => `Sound by @${handle}`,
  hashtag: 'Hashtag',
  recent: 'Recent searches',
  onlyHere: 'They are kept on this device only.',
  forget: (words: string) => `Remove “${words}”`,
  forgetAll: 'Remove all',
  start: 'What would you like to see?',
  startText: 'A word, a name, a #hashtag or the title of a sound. Accents and small typos do not matter.',
  loading: 'Searching',
  none: {
    videos: (words: string) => `No videos for “${words}”`,
    people: (words: string) => `Nobody for “${words}”`,
    hashtags: (words: string) => `No hashtags for “${words}”`,
    sounds: (words: string) => `No sounds for “${words}”`,
  },
  noneText: 'Try fewer or other words, or look among:',
  alike: 'Few videos have exactly these words. These have words that are spelt alike.',
  found: (count: number) => (count === 1 ? '1 result' : `${count} results`),
  videos: (count: number) => (count === 1 ? '1 video' : count >= 100 ? '100 videos or more' : `${count} videos`),
  noTag: 'No videos with this hashtag yet.',
  noTagText: 'Be the first: write it into the title when you upload.',
};

const fr: typeof en = {
  label: 'Chercher des vidéos, des personnes, des mots-dièse et des sons',
  hint: 'Chercher',
  clear: 'Vider le champ',
  go: 'Chercher',
  kinds: { videos: 'Vidéos', people: 'Personnes', hashtags: 'Mots-dièse', sounds: 'Sons' },
  kindsLabel: 'Que chercher',
  suggestions: 'Suggestions',
  suggested: (count) => (count === 1 ? '1 suggestion' : `${count} suggestions`),
  soundBy: (handle) => `Son de @${handle}`,
  hashtag: 'Mot-dièse',
  recent: 'Recherches récentes',
  onlyHere: 'Elles ne sont gardées que sur cet appareil.',
  forget: (words) => `Retirer «\u00a0${words}\u00a0»`,
  forgetAll: 'Tout retirer',
  start: 'Que voulez-vous voir\u00a0?',
  startText: 'Un mot, un nom, un #motdièse ou le titre d’un son. Les accents et les petites fautes ne comptent pas.',
  loading: 'Recherche',
  none: {
    videos: (words) => `Aucune vidéo pour «\u00a0${words}\u00a0»`,
    people: (words) => `Personne pour «\u00a0${words}\u00a0»`,
    hashtags: (words) => `Aucun mot-dièse pour «\u00a0${words}\u00a0»`,
    sounds: (words) => `Aucun son pour «\u00a0${words}\u00a0»`,
  },
  noneText: 'Essayez moins de mots ou d’autres mots, ou regardez parmi\u00a0:',
  alike: 'Peu de vidéos ont exactement ces mots. Celles-ci ont des mots d’orthographe proche.',
  found: (count) => (count === 1 ? '1 résultat' : `${count} résultats`),
  videos: (count) => (count === 1 ? '1 vidéo' : count >= 100 ? '100 vidéos ou plus' : `${count} vidéos`),
  noTag: 'Aucune vidéo avec ce mot-dièse pour l’instant.',
  noTagText: 'Soyez la première personne : écrivez-le dans le titre en publiant.',
};

export function searchWords(): typeof en {
  return currentLanguage() === 'fr' ? fr : en;
}
