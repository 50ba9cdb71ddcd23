import { Refusal } from '../api/client';
import { currentLanguage, wordsFor } from '../messages/index.svelte';

const minutes = (count: number) => `${count}\u00a0min`;
const hour = (at: number) => `${String(at).padStart(2, '0')}:00`;

/** Words for what protects a person, for guardians and for proving one's age: fetched with what shows them, and not before. */
const en = {
  title: 'What protects you',
  private: 'Private account',
  privateText: 'Only people whom you accept see your videos.',
  privateMinor: 'For minors this stays on.',
  messages: 'Who may write to you',
  messagesFrom: { anyone: 'Anyone', mutual: 'Only people whom you follow and who follow you' },
  quiet: 'Quiet hours',
  quietFrom: (from: number, until: number) => `Nothing is sent to you from ${hour(from)} to ${hour(until)}.`,
  quietNone: 'None',
  limit: 'Videos a day',
  used: (used: number, limit: number) => `${used} of ${minutes(limit)} used today`,
  themes: 'Hard topics',
  capped: 'Of what harms where it piles up, such as dieting or despair, you are shown few.',
  unlimited: 'No limit',
  sensitive: 'Sensitive topics',
  notProfiled: 'What you watch on these, or on faith, politics and health, does not decide what comes next.',
  profiled: 'What you watch on them shapes your feed like everything else.',

  guardian: 'Your guardian',
  guardianIs: (handle: string) => `@${handle} looks after you: they set how long you may watch in a day and see how many minutes you did. They do not see what.`,
  guardianNone: 'An adult with an account here can look after you: set how long you may watch in a day, and see how many minutes you did. Not what.',
  guardianAsk: 'Ask a guardian',
  guardianCode: 'Give this code to them. They enter it under “You”, at “Someone I look after”.',
  code: 'Code',
  codeUntil: (when: string) => `It works once, until ${when}.`,
  end: 'End it',
  endSure: 'End it for good',

  wards: 'Someone I look after',
  wardsText: 'They make a code in their account, under “Your guardian”. With it you set their minutes a day. You do not see what they watch.',
  wardAdd: 'Look after them',
  wardLimit: (handle: string) => `Minutes a day for @${handle}`,
  wardUsed: (used: number) => `${minutes(used)} today`,
  wardEnd: (handle: string) => `No longer look after @${handle}`,
  perDay: (count: number) => `${minutes(count)} a day`,
  refused: {
    link_used: 'This code has been used or is too old.',
    not_found: 'There is no such code.',
    not_adult: 'Only adults can look after somebody.',
    has_guardian: 'Somebody looks after them already.',
    attestation_refused: 'This answer does not hold. Begin again, and give the new values.',
  } as Record<string, string>,

  age: 'Prove your age',
  ageText: 'A wallet or service that this place trusts can say whether you are of age, and nothing else about you.',
  ageBegin: 'Begin',
  ageGive: 'Give it these three, and put what it answers below. They hold for ten minutes.',
  nonce: 'Nonce',
  audience: 'Audience',
  claim: 'Claim',
  attestation: 'Its answer',
  ageSend: 'Prove it',
  ageProved: { adult: 'Proved: you are of age.', minor: 'Proved: you are a minor.' },
};

const fr: typeof en = {
  title: 'Ce qui vous protège',
  private: 'Compte privé',
  privateText: 'Seules les personnes que vous acceptez voient vos vidéos.',
  privateMinor: 'Pour les mineurs, cela reste ainsi.',
  messages: 'Qui peut vous écrire',
  messagesFrom: { anyone: 'Tout le monde', mutual: 'Seulement les personnes que vous suivez et qui vous suivent' },
  quiet: 'Heures calmes',
  quietFrom: (from, until) => `Rien ne vous est envoyé de ${hour(from)} à ${hour(until)}.`,
  quietNone: 'Aucune',
  limit: 'Vidéos par jour',
  used: (used, limit) => `${used} sur ${minutes(limit)} utilisées aujourd’hui`,
  themes: 'Sujets durs',
  capped: 'De ce qui fait du mal en s’accumulant, comme les régimes ou le désespoir, vous voyez peu.',
  unlimited: 'Sans limite',
  sensitive: 'Sujets sensibles',
  notProfiled: 'Ce que vous regardez là-dessus, ou sur la foi, la politique et la santé, ne décide pas de la suite.',
  profiled: 'Ce que vous regardez là-dessus façonne votre fil comme le reste.',

  guardian: 'L’adulte qui veille sur vous',
  guardianIs: (handle) => `@${handle} veille sur vous\u00a0: cet adulte choisit combien de temps vous regardez par jour et voit le nombre de minutes. Il ne voit pas quoi.`,
  guardianNone: 'Un adulte qui a un compte ici peut veiller sur vous\u00a0: choisir combien de temps vous regardez par jour, et voir le nombre de minutes. Pas quoi.',
  guardianAsk: 'Demander à un adulte',
  guardianCode: 'Donnez-lui ce code. Il se saisit sous «\u00a0Vous\u00a0», à «\u00a0Quelqu’un sur qui je veille\u00a0».',
  code: 'Code',
  codeUntil: (when) => `Il sert une fois, jusqu’au ${when}.`,
  end: 'Y mettre fin',
  endSure: 'Y mettre fin pour de bon',

  wards: 'Quelqu’un sur qui je veille',
  wardsText: 'Cette personne crée un code dans son compte, sous «\u00a0L’adulte qui veille sur vous\u00a0». Avec lui, vous choisissez ses minutes par jour. Vous ne voyez pas ce qu’elle regarde.',
  wardAdd: 'Veiller sur elle',
  wardLimit: (handle) => `Minutes par jour pour @${handle}`,
  wardUsed: (used) => `${minutes(used)} aujourd’hui`,
  wardEnd: (handle) => `Ne plus veiller sur @${handle}`,
  perDay: (count) => `${minutes(count)} par jour`,
  refused: {
    link_used: 'Ce code a déjà servi ou est trop ancien.',
    not_found: 'Ce code n’existe pas.',
    not_adult: 'Seuls les adultes peuvent veiller sur quelqu’un.',
    has_guardian: 'Quelqu’un veille déjà sur cette personne.',
    attestation_refused: 'Cette réponse n’est pas valable. Recommencez, avec les nouvelles valeurs.',
  },

  age: 'Prouver votre âge',
  ageText: 'Un portefeuille ou un service auquel ce lieu fait confiance peut dire si vous êtes majeur, et rien d’autre sur vous.',
  ageBegin: 'Commencer',
  ageGive: 'Donnez-lui ces trois valeurs, et mettez sa réponse ci-dessous. Elles valent dix minutes.',
  nonce: 'Nonce',
  audience: 'Destinataire',
  claim: 'Question',
  attestation: 'Sa réponse',
  ageSend: 'Prouver',
  ageProved: { adult: 'Prouvé\u00a0: vous êtes majeur.', minor: 'Prouvé\u00a0: vous êtes mineur.' },
};

/** Why something here was refused, in words. */
export function refusedWords(failure: unknown): string {
  const own = failure instanceof Refusal ? protectionWords().refused[failure.code] : undefined;
  return own ?? wordsFor(failure);
}

/** In the language in use. */
export function protectionWords(): typeof en {
  return currentLanguage() === 'fr' ? fr : en;
}
