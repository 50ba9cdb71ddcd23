import { Refusal } from '../api/client';
import type { Disliked, MuteTarget } from '../api/types';
import { currentLanguage, wordsFor } from '../messages/index.svelte';

/** Words of what a viewer has a say in: fetched with the pages that show them, and not before. */
interface ControlWords {
  feed: string;
  feedMenu: string;
  feedText: string;
  history: string;
  historyMenu: string;
  historyText: string;
  historyOpen: string;
  mute: string;
  muteText: string;
  muteTitle: string;
  muteCreator: (handle: string) => string;
  muteSound: string;
  muteHashtag: (tag: string) => string;
  muted: (what: string) => string;
  word: string;
  wordHint: string;
  wordWrong: string;
  full: string;
  add: string;
  unmute: string;
  unmuteWhat: (what: string) => string;
  unmuted: (what: string) => string;
  noMutes: string;
  languages: string;
  languagesText: string;
  kinds: Record<Disliked | MuteTarget, string>;
  less: string;
  lessText: string;
  noLess: string;
  here: (count: number) => string;
  forgetHere: string;
  undoWhat: (what: string) => string;
  undone: (what: string) => string;
  gone: Record<Disliked | MuteTarget, string>;
  sound: string;
  anew: string;
  anewText: string;
  anewDo: string;
  anewSure: string;
  anewDone: string;
  removeAll: string;
  removeWhat: (what: string) => string;
  removed: string;
  nothing: string;
  watched: (percent: string) => string;
  seen: string;
  comment: string;
  commentShow: string;
  noProfile: string;
}

const en: ControlWords = {
  feed: 'Your feed',
  feedMenu: 'What my feed leaves out',
  feedText: 'What you change here holds from the very next video on.',
  history: 'What you watched',
  historyMenu: 'What I watched',
  historyText: 'What you take out of here does not shape your feed any more. It does not come again either: that you have seen it stays known.',
  historyOpen: 'Have a look',
  mute: 'Muted',
  muteText: 'Nothing of it is shown in any feed, and comments with a muted word are folded away. What you open yourself stays open.',
  muteTitle: 'Never again',
  muteCreator: (handle) => `Mute @${handle}`,
  muteSound: 'Mute this sound',
  muteHashtag: (tag) => `Mute #${tag}`,
  muted: (what) => `${what} is muted.`,
  word: 'A word, or several that belong together',
  wordHint: 'Found in titles, hashtags and descriptions as a whole word, whatever its case and accents.',
  wordWrong: 'Two to sixty characters, letters or digits among them.',
  full: 'The list is full: take something back first.',
  add: 'Mute',
  unmute: 'Unmute',
  unmuteWhat: (what) => `Unmute ${what}`,
  unmuted: (what) => `${what} may come again.`,
  noMutes: 'Nothing is muted.',
  languages: 'Languages of videos',
  languagesText: 'Videos in a language that is not ticked stay away from your feed.',
  kinds: { video: 'Video', creator: 'Creator', sound: 'Sound', hashtag: 'Hashtag', word: 'Word', language: 'Language' },
  less: 'Not interested',
  lessText: 'What you said no to, newest first.',
  noLess: 'You have not said no to anything.',
  here: (count) => `${count} more ${count === 1 ? 'is' : 'are'} kept in this browser alone, because your feed does without a profile.`,
  forgetHere: 'Take these back',
  undoWhat: (what) => `Undo: ${what}`,
  undone: (what) => `${what} may come again.`,
  gone: {
    video: 'A video that is not here any more',
    creator: 'Somebody who is not here any more',
    sound: 'A sound that is not here any more',
    hashtag: '',
    word: '',
    language: '',
  },
  sound: 'Original sound',
  anew: 'Begin anew',
  anewText: 'Your taste begins again: nothing that you watched or liked until now shapes your feed any more, and the list of what you watched is emptied. What you have seen does not come again. What you said no to, muted or blocked stays, and so do your likes.',
  anewDo: 'Reset my taste',
  anewSure: 'Yes, begin anew',
  anewDone: 'Your taste begins again, with the next video.',
  removeAll: 'Remove everything',
  removeWhat: (what) => `Remove ${what}`,
  removed: 'Taken out: it does not shape your feed any more.',
  nothing: 'Nothing here yet.',
  watched: (percent) => `${percent} watched`,
  seen: 'seen',
  comment: 'A muted comment',
  commentShow: 'Show it',
  noProfile: 'Your feed does without a profile: what you watch now is not written down here.',
};

const fr: ControlWords = {
  feed: 'Votre fil',
  feedMenu: 'Ce que mon fil écarte',
  feedText: 'Ce que vous changez ici vaut dès la prochaine vidéo.',
  history: 'Ce que vous avez regardé',
  historyMenu: 'Ce que j’ai regardé',
  historyText: 'Ce que vous retirez d’ici ne façonne plus votre fil. Cela ne revient pas non plus : on retient seulement que vous l’avez vu.',
  historyOpen: 'Regarder',
  mute: 'Mis en sourdine',
  muteText: 'Rien de cela n’apparaît dans un fil, et les commentaires contenant un mot en sourdine sont repliés. Ce que vous ouvrez vous-même reste ouvert.',
  muteTitle: 'Plus jamais',
  muteCreator: (handle) => `Mettre @${handle} en sourdine`,
  muteSound: 'Mettre ce son en sourdine',
  muteHashtag: (tag) => `Mettre #${tag} en sourdine`,
  muted: (what) => `En sourdine : ${what}.`,
  word: 'Un mot, ou plusieurs qui vont ensemble',
  wordHint: 'Cherché comme mot entier dans les titres, hashtags et descriptions, sans égard à la casse ni aux accents.',
  wordWrong: 'De deux à soixante caractères, dont des lettres ou des chiffres.',
  full: 'La liste est pleine : retirez d’abord quelque chose.',
  add: 'Mettre en sourdine',
  unmute: 'Rétablir',
  unmuteWhat: (what) => `Rétablir ${what}`,
  unmuted: (what) => `Peut revenir : ${what}.`,
  noMutes: 'Rien n’est en sourdine.',
  languages: 'Langues des vidéos',
  languagesText: 'Les vidéos dans une langue non cochée restent hors de votre fil.',
  kinds: { video: 'Vidéo', creator: 'Créateur', sound: 'Son', hashtag: 'Hashtag', word: 'Mot', language: 'Langue' },
  less: 'Pas intéressé',
  lessText: 'Ce que vous avez refusé, du plus récent au plus ancien.',
  noLess: 'Vous n’avez rien refusé.',
  here: (count) => `${count} de plus dans ce navigateur seulement, car votre fil se passe de profil.`,
  forgetHere: 'Annuler ces refus',
  undoWhat: (what) => `Annuler : ${what}`,
  undone: (what) => `Peut revenir : ${what}.`,
  gone: {
    video: 'Une vidéo qui n’est plus ici',
    creator: 'Quelqu’un qui n’est plus ici',
    sound: 'Un son qui n’est plus ici',
    hashtag: '',
    word: '',
    language: '',
  },
  sound: 'Son original',
  anew: 'Repartir de zéro',
  anewText: 'Vos goûts repartent de zéro : rien de ce que vous avez regardé ou aimé jusqu’ici ne façonne plus votre fil, et la liste de ce que vous avez regardé est vidée. Ce que vous avez vu ne revient pas. Ce que vous avez refusé, mis en sourdine ou bloqué le reste, et vos mentions j’aime aussi.',
  anewDo: 'Réinitialiser mes goûts',
  anewSure: 'Oui, repartir de zéro',
  anewDone: 'Vos goûts repartent de zéro, dès la prochaine vidéo.',
  removeAll: 'Tout retirer',
  removeWhat: (what) => `Retirer ${what}`,
  removed: 'Retirée : elle ne façonne plus votre fil.',
  nothing: 'Rien ici pour l’instant.',
  watched: (percent) => `regardée à ${percent}`,
  seen: 'vue',
  comment: 'Un commentaire en sourdine',
  commentShow: 'Afficher',
  noProfile: 'Votre fil se passe de profil : ce que vous regardez maintenant n’est pas noté ici.',
};

/** In the language in use. */
export function controlWords(): ControlWords {
  return currentLanguage() === 'fr' ? fr : en;
}

/** Why a mute was refused, in words. */
export function muteRefused(failure: unknown): string {
  if (failure instanceof Refusal && failure.code === 'too_many_mutes') return controlWords().full;
  if (failure instanceof Refusal && failure.fields.id) return controlWords().wordWrong;
  return wordsFor(failure);
}
