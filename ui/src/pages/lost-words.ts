import { currentLanguage } from '../messages/index.svelte';

/** Words of pages that are seldom seen: fetched with them, and not before. */
const en = { title: 'Nothing here', text: 'This address leads nowhere.', home: 'To the feed', watch: 'Watch on Penchant' };
const fr: typeof en = { title: 'Rien ici', text: 'Cette adresse ne mène nulle part.', home: 'Vers le fil', watch: 'Regarder sur Penchant' };

/** In the language in use. */
export function lostWords(): typeof en {
  return currentLanguage() === 'fr' ? fr : en;
}
