import { currentLanguage } from '../messages/index.svelte';

/** Fetched with the feed without a profile. */
const words: Record<string, string> = {
  en: 'Nobody else vouches for this place’s record at the moment, so the feed does not use what you watched.',
  fr: 'Personne d’autre ne répond du registre de ce lieu en ce moment : le fil n’utilise donc pas ce que vous avez regardé.',
};

export const unwitnessed = () => words[currentLanguage()] ?? words.en!;
