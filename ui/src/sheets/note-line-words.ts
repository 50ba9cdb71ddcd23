import { currentLanguage } from '../messages/index.svelte';

/** What says that there are notes: fetched with the sheets. What is in their own sheet is in `note-words`. */
const en = {
  title: 'Context from viewers',
  added: 'Viewers added context',
  open: 'Context from viewers',
};

const fr: typeof en = {
  title: 'Contexte ajouté par le public',
  added: 'Le public a ajouté du contexte',
  open: 'Contexte ajouté par le public',
};

const all: Record<string, typeof en> = { en, fr };

export function noteLineWords(): typeof en {
  return all[currentLanguage()] ?? en;
}
