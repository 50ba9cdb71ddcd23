import type { Closed } from '../api/types';
import { currentLanguage } from '../messages/index.svelte';

/** Why the feed knows nobody at the moment. Fetched with the feed without a profile. */
const words: Record<string, Record<Closed, string>> = {
  en: {
    not_witnessed:
      'Nobody else vouches for this place’s record at the moment, so the feed does not use what you watched.',
    stopped: 'Whoever inspects this place has stopped the use of profiles, so the feed does not use what you watched.',
  },
  fr: {
    not_witnessed:
      'Personne d’autre ne répond du registre de ce lieu en ce moment : le fil n’utilise donc pas ce que vous avez regardé.',
    stopped:
      'Qui inspecte ce lieu a arrêté l’usage des profils : le fil n’utilise donc pas ce que vous avez regardé.',
  },
};

export const closedBecause = (why: Closed) => (words[currentLanguage()] ?? words.en!)[why];
