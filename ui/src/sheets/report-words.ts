import { currentLanguage } from '../messages/index.svelte';

/** Words of reports: fetched with the sheet that takes them, and with what moderators and those concerned read. */
const en = {
  title: {
    video: 'Report this video',
    comment: 'Report this comment',
    account: 'Report this account',
    note: 'What is wrong with this note?',
  },
  intro: 'A person here reads every report. The other side does not learn who you are.',
  note: 'Anything else we should know?',
  send: 'Send the report',
  sent: 'Thank you. The report has arrived.',
  reason: {
    illegal: 'Against the law',
    violence: 'Violence or cruelty',
    sexual: 'Sexual content',
    minor_safety: 'A child in danger',
    hate: 'Hatred of a group',
    harassment: 'Bullying or harassment',
    self_harm: 'Self-harm',
    spam: 'Spam or deception',
    copyright: 'Stolen work',
    other: 'Something else',
  },
  told: 'Whoever posted this is told your name and the work, so that they can answer; not how to reach you.',
  name: 'Your name, or whom you speak for',
  contact: 'How we reach you',
  work: 'Which work, and where it can be found',
  faith: 'I believe in good faith that this use is not allowed, and what I say is accurate.',
};

const fr: typeof en = {
  title: {
    video: 'Signaler cette vidéo',
    comment: 'Signaler ce commentaire',
    account: 'Signaler ce compte',
    note: 'Qu’est-ce qui ne va pas dans cette note ?',
  },
  intro: 'Une personne lit chaque signalement. L’autre partie ne saura pas qui vous êtes.',
  note: 'Autre chose à nous dire ?',
  send: 'Envoyer le signalement',
  sent: 'Merci. Le signalement est bien arrivé.',
  reason: {
    illegal: 'Contraire à la loi',
    violence: 'Violence ou cruauté',
    sexual: 'Contenu sexuel',
    minor_safety: 'Un enfant en danger',
    hate: 'Haine envers un groupe',
    harassment: 'Harcèlement',
    self_harm: 'Automutilation',
    spam: 'Spam ou tromperie',
    copyright: 'Œuvre volée',
    other: 'Autre chose',
  },
  told: 'La personne qui a publié apprend votre nom et l’œuvre, pour pouvoir répondre ; pas comment vous joindre.',
  name: 'Votre nom, ou celui de qui vous représentez',
  contact: 'Comment vous joindre',
  work: 'Quelle œuvre, et où la trouver',
  faith: 'Je crois de bonne foi que cet usage n’est pas autorisé, et ce que je dis est exact.',
};

/** In the language in use. */
export function reportWords(): typeof en {
  return currentLanguage() === 'fr' ? fr : en;
}
