import { Refusal } from '../api/client';
import type { OwnVideo } from '../api/types';
import { currentLanguage, wordsFor } from '../messages/index.svelte';

/** Words of the captions editor: fetched with the pages that show it, and not before. */
const en = {
  title: 'Captions',
  intro: 'Words over the video, for all who watch without sound, cannot hear it or speak another language.',
  lines: (count: number) => `${count} ${count === 1 ? 'line' : 'lines'}`,
  automatic: 'automatic',
  edit: 'Edit',
  editOf: (language: string) => `Edit the captions in ${language}`,
  deleteOf: (language: string) => `Delete the captions in ${language}`,
  deleted: 'Captions deleted.',
  language: 'Language',
  file: 'Add a file (.vtt,\u00a0.srt)',
  write: 'Write them here',
  added: 'Captions added.',
  saved: 'Captions saved.',
  start: 'from',
  end: 'to',
  words: 'Words',
  line: (number: number) => `Line ${number}`,
  now: 'now',
  nowStart: 'Begins where the video is now',
  nowEnd: 'Ends where the video is now',
  add: 'Add a line',
  remove: (number: number) => `Remove line ${number}`,
  leave: 'Leave without saving?',
  stay: 'Go on editing',
  discard: 'Leave',
  check: 'These were written by a program that listened. Please look them over: once saved, they are yours.',
  problem: { time: 'A time such as 0:04.5', order: 'Later than its start', empty: 'Some words' },
  noLines: 'Add a line first.',
  listen: 'Write them from what is said',
  speech: {
    waiting: 'Somebody is listening. The captions will appear here.',
    silent: 'Nobody seems to speak in this video.',
    failed: 'Listening failed several times. You can try again.',
  } as Partial<Record<NonNullable<OwnVideo['speech']>, string>>,
  refused: (reason: string) => reason.charAt(0).toUpperCase() + reason.slice(1) + '.',
};

const REASONS: [RegExp, string][] = [
  [/neither WebVTT nor SRT/, 'Ce n’est ni du WebVTT ni du SRT.'],
  [/no words/, 'Il n’y a pas de mots dedans.'],
  [/cue (\d+) ends before/, 'La ligne $1 finit avant de commencer.'],
  [/at most ([\d,]+) char.*/, 'Au plus $1 caractères.'],
  [/at most ([\d,]+) cues/, 'Au plus $1 lignes.'],
];

const fr: typeof en = {
  title: 'Sous-titres',
  intro: 'Des mots sur la vidéo, pour qui regarde sans le son, ne l’entend pas ou parle une autre langue.',
  lines: (count) => `${count} ${count < 2 ? 'ligne' : 'lignes'}`,
  automatic: 'automatiques',
  edit: 'Modifier',
  editOf: (language) => `Modifier les sous-titres en ${language}`,
  deleteOf: (language) => `Supprimer les sous-titres en ${language}`,
  deleted: 'Sous-titres supprimés.',
  language: 'Langue',
  file: 'Ajouter un fichier (.vtt,\u00a0.srt)',
  write: 'Les écrire ici',
  added: 'Sous-titres ajoutés.',
  saved: 'Sous-titres enregistrés.',
  start: 'de',
  end: 'à',
  words: 'Mots',
  line: (number) => `Ligne ${number}`,
  now: 'ici',
  nowStart: 'Commence là où en est la vidéo',
  nowEnd: 'Finit là où en est la vidéo',
  add: 'Ajouter une ligne',
  remove: (number) => `Supprimer la ligne ${number}`,
  leave: 'Quitter sans enregistrer ?',
  stay: 'Continuer',
  discard: 'Quitter',
  check: 'Écrits par un programme qui a écouté. Relisez-les : une fois enregistrés, ils sont à vous.',
  problem: { time: 'Un temps comme 0:04,5', order: 'Après son début', empty: 'Des mots' },
  noLines: 'Ajoutez d’abord une ligne.',
  listen: 'Les écrire d’après ce qui est dit',
  speech: {
    waiting: 'L’écoute est en cours. Les sous-titres apparaîtront ici.',
    silent: 'Personne ne semble parler dans cette vidéo.',
    failed: 'L’écoute a échoué plusieurs fois. Vous pouvez réessayer.',
  },
  refused: (reason) => {
    const [pattern, words] = REASONS.find(([pattern]) => pattern.test(reason)) ?? [/.*/, reason];
    return (pattern.exec(reason)?.[0] ?? reason).replace(pattern, words);
  },
};

/** In the language in use. */
export function captionWords(): typeof en {
  return currentLanguage() === 'fr' ? fr : en;
}

/** Why captions were not taken, in words. */
export function captionsRefused(failure: unknown): string {
  const reason = failure instanceof Refusal ? failure.fields.text : undefined;
  return reason ? captionWords().refused(reason) : wordsFor(failure);
}

/** What people caption in; others come in by the API. */
const TAGS =
  'ar bg bn ca cs da de el en es et eu fa fi fr ga gl gu he hi hr hu hy id is it ja ka kk ko lt lv mk mn mr ms mt ne nl no pa pl pt pt-BR ro ru sk sl sq sr sv sw ta te th tl tr uk ur uz vi zh zh-Hant'.split(' ');

export function languageName(tag: string): string {
  return new Intl.DisplayNames([currentLanguage()], { type: 'language' }).of(tag) ?? tag;
}

/** Languages in the order of their names, without those that are there. */
export function languagesBut(present: string[]): string[] {
  const left = TAGS.filter((tag) => !present.includes(tag));
  return left.sort((one, other) => languageName(one).localeCompare(languageName(other), currentLanguage()));
}
