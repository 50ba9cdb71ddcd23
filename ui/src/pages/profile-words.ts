import { currentLanguage } from '../messages/index.svelte';

/** Words of somebody's page: fetched with it, and not before. */
interface ProfileWords {
  followers: (count: number) => string;
  following: string;
  videos: (count: number) => string;
  none: string;
  blocked: string;
  missing: string;
}

const en: ProfileWords = {
  followers: (count) => (count === 1 ? 'follower' : 'followers'),
  following: 'following',
  videos: (count) => (count === 1 ? 'video' : 'videos'),
  none: 'Nothing published yet.',
  blocked: 'You have blocked this account.',
  missing: 'There is no such account.',
};

const fr: ProfileWords = {
  followers: (count) => (count < 2 ? 'abonné' : 'abonnés'),
  following: 'suivis',
  videos: (count) => (count < 2 ? 'vidéo' : 'vidéos'),
  none: 'Rien de publié pour l’instant.',
  blocked: 'Vous avez bloqué ce compte.',
  missing: 'Ce compte n’existe pas.',
};

/** In the language in use. */
export function profileWords(): ProfileWords {
  return currentLanguage() === 'fr' ? fr : en;
}
