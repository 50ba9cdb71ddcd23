import { currentLanguage } from '../messages/index.svelte';

/** What says that there are notes: fetched with the sheets. What is in their own sheet is in `note-words`. */
const en = {
  title: 'Context from viewers',
  added: 'Viewers added context',
  open: 'Context from viewers',
  warning: {
    synthetic: 'Made or changed by a machine',
    state_media: 'From a medium under the control of a state',
    sensitive: 'May disturb',
    nudity: 'Shows nudity',
    sexual: 'Shows sex',
    violence: 'Shows violence',
    self_harm: 'About self-harm',
  } as Record<string, string>,
  warned: 'Watch with care',
  show: 'Show',
};

const fr: typeof en = {
  title: 'Contexte ajouté par le public',
  added: 'Le public a ajouté du contexte',
  open: 'Contexte ajouté par le public',
  warning: {
    synthetic: 'Créé ou modifié par une machine',
    state_media: 'D’un média contrôlé par un État',
    sensitive: 'Peut choquer',
    nudity: 'Montre de la nudité',
    sexual: 'Contenu sexuel',
    violence: 'Montre de la violence',
    self_harm: 'Il y est question d’automutilation',
  },
  warned: 'À regarder avec prudence',
  show: 'Montrer',
};

const all: Record<string, typeof en> = { en, fr };

export function noteLineWords(): typeof en {
  return all[currentLanguage()] ?? en;
}
