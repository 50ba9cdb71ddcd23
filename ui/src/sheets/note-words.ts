import type { NoteKind, NoteReason, NoteValue, ViewerNote } from '../api/types';
import { currentLanguage } from '../messages/index.svelte';

export const NOTE_KINDS: NoteKind[] = ['missing_context', 'misleading', 'old_footage', 'out_of_context', 'machine_made', 'satire'];
export const NOTE_VALUES: NoteValue[] = ['helpful', 'somewhat', 'not_helpful'];
export const REASONS_FOR: NoteReason[] = ['clear', 'good_sources', 'answers_the_claim', 'neutral_words'];
export const REASONS_AGAINST: NoteReason[] = ['wrong', 'no_sources', 'misses_the_point', 'opinion', 'not_needed', 'insulting'];

/** Words of the sheet of notes: fetched with it, and not before. */
const en = {
  none: 'Nobody has written a note on this video yet.',
  shown: 'Shown with the video: people who usually disagree both found it helpful.',
  status: {
    needs_more: 'Needs more ratings before it can be shown.',
    helpful: 'Found helpful by people who usually disagree. It is shown once that has held for half an hour.',
    not_helpful: 'Not found helpful.',
  } as Record<ViewerNote['status'], string>,
  kind: {
    misleading: 'Misleading',
    missing_context: 'Missing context',
    machine_made: 'Made by a machine',
    old_footage: 'Old footage',
    out_of_context: 'From somewhere else',
    satire: 'Satire',
  } as Record<NoteKind, string>,
  by: (alias: string, when: string) => `${alias} · ${when}`,
  sources: 'Sources',
  ask: 'Is this note helpful?',
  value: { helpful: 'Yes', somewhat: 'Somewhat', not_helpful: 'No' } as Record<NoteValue, string>,
  because: 'Because it is … (up to four)',
  reason: {
    clear: 'clear',
    good_sources: 'well sourced',
    answers_the_claim: 'to the point',
    neutral_words: 'fair in its words',
    wrong: 'wrong',
    no_sources: 'without good sources',
    misses_the_point: 'beside the point',
    opinion: 'an opinion',
    not_needed: 'not needed',
    insulting: 'insulting',
  } as Record<NoteReason, string>,
  kept: 'Your rating is kept.',
  mine: 'Your note',
  write: 'Write a note',
  signIn: 'Sign in to write and rate',
  what: 'What is it about?',
  text: 'What should people know? A link to a source helps.',
  left: (count: number) => `${count} characters left`,
  alias: 'Others see an alias, never your name. Once rated, a note stays as it is.',
  send: 'Add the note',
  change: 'Change',
  save: 'Save',
  cancel: 'Cancel',
  delete: 'Delete',
  report: 'Report this note',
  howTitle: 'How is it decided what is shown?',
  how: [
    'Not by a majority. A note is shown when people who have disagreed on other notes agree that this one helps. Nobody here picks notes; moderators only remove those that break the rules.',
    'Your ratings count once you have rated ten notes. Accounts that rate the same list of notes in the same way count as one voice.',
    'All notes and ratings are public, without names, with the rule that judges them: anyone can run it again.',
  ],
  file: 'The public file',
  failed: {
    account_too_new: 'Your account is too new for notes. Reading them is for everyone.',
    note_exists: 'You have written a note on this video already.',
    note_rated: 'This note has been rated and stays as it was read.',
    own_note: 'One’s own note is for others to rate.',
  } as Record<string, string>,
};

const fr: typeof en = {
  none: 'Personne n’a encore écrit de note sur cette vidéo.',
  shown: 'Affichée avec la vidéo : des gens qui sont d’ordinaire en désaccord l’ont tous trouvée utile.',
  status: {
    needs_more: 'Il lui faut plus d’avis avant d’être affichée.',
    helpful: 'Trouvée utile par des gens d’ordinaire en désaccord. Elle s’affiche quand cela tient depuis une demi-heure.',
    not_helpful: 'Pas trouvée utile.',
  },
  kind: {
    misleading: 'Trompeuse',
    missing_context: 'Il manque le contexte',
    machine_made: 'Faite par une machine',
    old_footage: 'Images anciennes',
    out_of_context: 'Vient d’ailleurs',
    satire: 'Satire',
  },
  by: (alias, when) => `${alias} · ${when}`,
  sources: 'Sources',
  ask: 'Cette note est-elle utile ?',
  value: { helpful: 'Oui', somewhat: 'Un peu', not_helpful: 'Non' },
  because: 'Parce qu’elle est … (quatre au plus)',
  reason: {
    clear: 'claire',
    good_sources: 'bien sourcée',
    answers_the_claim: 'pertinente',
    neutral_words: 'mesurée',
    wrong: 'fausse',
    no_sources: 'sans bonnes sources',
    misses_the_point: 'à côté du sujet',
    opinion: 'une opinion',
    not_needed: 'inutile ici',
    insulting: 'insultante',
  },
  kept: 'Votre avis est gardé.',
  mine: 'Votre note',
  write: 'Écrire une note',
  signIn: 'Se connecter pour écrire et donner un avis',
  what: 'De quoi s’agit-il ?',
  text: 'Que faut-il savoir ? Un lien vers une source aide.',
  left: (count) => `Encore ${count} caractères`,
  alias: 'Les autres voient un pseudonyme, jamais votre nom. Une fois jugée, une note reste telle quelle.',
  send: 'Ajouter la note',
  change: 'Modifier',
  save: 'Enregistrer',
  cancel: 'Annuler',
  delete: 'Supprimer',
  report: 'Signaler cette note',
  howTitle: 'Comment est-il décidé ce qui s’affiche ?',
  how: [
    'Pas à la majorité. Une note s’affiche quand des gens qui ne sont pas d’accord sur d’autres notes s’accordent à trouver celle-ci utile. Personne ici ne choisit les notes ; la modération ne retire que celles qui enfreignent les règles.',
    'Vos avis comptent une fois que vous avez jugé dix notes. Des comptes qui jugent la même liste de notes de la même façon comptent pour une voix.',
    'Toutes les notes et tous les avis sont publics, sans noms, avec la règle qui les juge : chacun peut refaire le calcul.',
  ],
  file: 'Le fichier public',
  failed: {
    account_too_new: 'Votre compte est trop récent pour les notes. Tout le monde peut les lire.',
    note_exists: 'Vous avez déjà écrit une note sur cette vidéo.',
    note_rated: 'Cette note a été jugée et reste telle qu’elle a été lue.',
    own_note: 'C’est aux autres de juger votre note.',
  },
};

const all: Record<string, typeof en> = { en, fr };

export function noteWords(): typeof en {
  return all[currentLanguage()] ?? en;
}
