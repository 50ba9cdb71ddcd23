import { currentLanguage } from '../messages/index.svelte';

/** Words of one's own page, and for what a person can do about their own data: fetched with what shows them, and not before. */
interface MeWords {
  figures: string;
  evidence: string;
  guestTitle: string;
  guestText: string;
  account: string;
  title: string;
  profile: string;
  on: string;
  off: string;
  switchOff: string;
  switchOn: string;
  offMenu: string;
  onMenu: string;
  export: string;
  exportText: string;
  exportDo: string;
  deleteAccount: string;
  deleteAccountText: string;
  deleteAccountSure: string;
}

const en: MeWords = {
  figures: 'What fills the feed here',
  evidence: 'What can be checked here',
  guestTitle: 'You are watching as a guest',
  guestText: 'This browser remembers your taste. An account keeps it and lets you take part.',
  account: 'Account',
  title: 'Your data',
  profile: 'A feed by my taste',
  on: 'What you watch shapes your feed and is kept here; with an account, until you delete it.',
  off: 'Nobody’s taste fills your feed. What you have seen stays in this browser; nothing here says that you watched it. Likes, comments and whom you follow stay yours.',
  switchOff: 'Do without a profile',
  switchOn: 'Use my taste again',
  offMenu: 'A feed without a profile',
  onMenu: 'A feed by my taste again',
  export: 'Everything about you',
  exportText: 'One file with all that is kept about you, and where your videos lie.',
  exportDo: 'Download',
  deleteAccount: 'Delete my account',
  deleteAccountText: 'Your videos, comments, likes and history are erased. This cannot be undone.',
  deleteAccountSure: 'Delete for good',
};

const fr: MeWords = {
  figures: 'Ce qui remplit le fil ici',
  evidence: 'Ce qui peut être vérifié ici',
  guestTitle: 'Vous regardez en invité',
  guestText: 'Ce navigateur retient vos goûts. Un compte les garde et vous permet de participer.',
  account: 'Compte',
  title: 'Vos données',
  profile: 'Un fil selon mes goûts',
  on: 'Ce que vous regardez façonne votre fil et reste ici ; avec un compte, jusqu’à sa suppression.',
  off: 'Votre fil ne suit les goûts de personne. Ce que vous avez vu reste dans ce navigateur ; rien ici ne dit que vous l’avez regardé. Vos mentions j’aime, commentaires et abonnements restent les vôtres.',
  switchOff: 'Me passer de profil',
  switchOn: 'Suivre à nouveau mes goûts',
  offMenu: 'Un fil sans profil',
  onMenu: 'Un fil selon mes goûts à nouveau',
  export: 'Tout ce qui vous concerne',
  exportText: 'Un fichier avec tout ce qui est gardé sur vous, et où se trouvent vos vidéos.',
  exportDo: 'Télécharger',
  deleteAccount: 'Supprimer mon compte',
  deleteAccountText: 'Vos vidéos, commentaires, mentions et historique seront effacés. C’est définitif.',
  deleteAccountSure: 'Supprimer pour toujours',
};

/** In the language in use. */
export function meWords(): MeWords {
  return currentLanguage() === 'fr' ? fr : en;
}
