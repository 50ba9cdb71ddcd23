import { Refusal } from '../api/client';
import { currentLanguage, wordsFor } from '../messages/index.svelte';

/** Words for what guards an account: fetched with what shows them, and not before. */
const en = {
  title: 'Security',
  passwordChange: 'Change',
  passwordOld: 'Your password until now',
  passwordText: 'Every other browser is signed out.',
  passwordDone: 'The password is changed. Every other browser is signed out.',
  passwordWrong: 'Choose another: at least 8 characters, none of the most common ones, and not your handle.',
  passwordNone: 'You have no password and come in by links. Ask the people who run this place for a reset link to choose one.',

  factor: 'Second factor',
  factorText: 'Signing in then asks for a code of an app, too: whoever learns your password does not get in.',
  factorOn: (left: number) =>
    `On. ${left === 0 ? 'No recovery code is left: turn it off and on again for new ones.' : left === 1 ? 'One recovery code is left.' : `${left} recovery codes are left.`}`,
  turnOn: 'Turn on',
  turnOff: 'Turn off',
  goOn: 'Go on',
  scan: 'Scan this with an app that makes codes, such as a password manager, and enter the code that it shows.',
  qr: 'The secret as a QR code',
  openApp: 'Open in an app',
  secret: 'Or enter this secret there',
  factorOnDone: 'The second factor is on',
  factorOffDone: 'The second factor is off.',

  code: 'Code',
  codeText: 'Six digits, from your app; every half minute it shows new ones.',
  recoveryCode: 'Recovery code',
  recoveryCodeText: 'Each works once.',
  recoveryCodeUse: 'Use a recovery code',
  codeUse: 'Use a code of the app',
  recoveryCodes: 'Recovery codes',
  recoveryCodesText: 'With one of these you get in when you do not have your app. Keep them somewhere safe, they are not shown again. Each works once.',
  recoveryCodesKept: 'I have kept them',

  signedIn: 'Where you are signed in',
  someBrowser: 'A browser',
  here: 'This browser',
  since: (when: string) => `Since ${when}.`,
  used: (when: string) => `Last used ${when}.`,
  end: 'End',
  endWhich: (agent: string, since: string) => `End: ${agent}, since ${since}`,
  endOthers: 'End all others',
  ended: 'Signed out there.',

  changes: 'Changed lately',
  changed: {
    password_changed: 'Password changed',
    password_reset: 'Password set by a reset link',
    second_factor_on: 'Second factor turned on',
    second_factor_off: 'Second factor turned off',
    recovery_code_used: 'Recovery code used',
    sessions_ended: 'Other browsers signed out',
    signed_in_by_link: 'Signed in by a link',
  },
  notYou: 'Was one of these not you? Change the password: it signs out everybody else.',

  refused: {
    wrong_password: 'This password is not right.',
    wrong_code: 'This code is not right, or was used already.',
  } as Record<string, string>,
};

const fr: typeof en = {
  title: 'Sécurité',
  passwordChange: 'Changer',
  passwordOld: 'Votre mot de passe actuel',
  passwordText: 'Tous les autres navigateurs sont déconnectés.',
  passwordDone: 'Le mot de passe est changé. Tous les autres navigateurs sont déconnectés.',
  passwordWrong: 'Choisissez-en un autre\u00a0: au moins 8 caractères, pas l’un des plus courants, et pas votre identifiant.',
  passwordNone: 'Vous n’avez pas de mot de passe et entrez par des liens. Pour en choisir un, demandez un lien aux personnes qui tiennent ce lieu.',

  factor: 'Double authentification',
  factorText: 'La connexion demande alors aussi le code d’une application\u00a0: votre mot de passe seul n’ouvre plus rien.',
  factorOn: (left) =>
    `Activée. ${left === 0 ? 'Il ne reste aucun code de secours\u00a0: désactivez-la et réactivez-la pour en avoir d’autres.' : left === 1 ? 'Il reste un code de secours.' : `Il reste ${left} codes de secours.`}`,
  turnOn: 'Activer',
  turnOff: 'Désactiver',
  goOn: 'Continuer',
  scan: 'Scannez ceci avec une application qui crée des codes, comme un gestionnaire de mots de passe, et saisissez le code qu’elle affiche.',
  qr: 'Le secret en code QR',
  openApp: 'Ouvrir dans une application',
  secret: 'Ou saisissez-y ce secret',
  factorOnDone: 'La double authentification est activée',
  factorOffDone: 'La double authentification est désactivée.',

  code: 'Code',
  codeText: 'Six chiffres, de votre application\u00a0; ils changent chaque demi-minute.',
  recoveryCode: 'Code de secours',
  recoveryCodeText: 'Chacun sert une fois.',
  recoveryCodeUse: 'Utiliser un code de secours',
  codeUse: 'Utiliser un code de l’application',
  recoveryCodes: 'Codes de secours',
  recoveryCodesText: 'Avec l’un d’eux, vous entrez quand vous n’avez pas votre application. Gardez-les en lieu sûr, ils ne seront plus affichés. Chacun sert une fois.',
  recoveryCodesKept: 'Je les ai gardés',

  signedIn: 'Où vous êtes connecté',
  someBrowser: 'Un navigateur',
  here: 'Ce navigateur',
  since: (when) => `Depuis le ${when}.`,
  used: (when) => `Dernière utilisation\u00a0: ${when}.`,
  end: 'Déconnecter',
  endWhich: (agent, since) => `Déconnecter\u00a0: ${agent}, depuis le ${since}`,
  endOthers: 'Déconnecter tous les autres',
  ended: 'La connexion a pris fin.',

  changes: 'Changé récemment',
  changed: {
    password_changed: 'Mot de passe changé',
    password_reset: 'Mot de passe choisi par un lien',
    second_factor_on: 'Double authentification activée',
    second_factor_off: 'Double authentification désactivée',
    recovery_code_used: 'Code de secours utilisé',
    sessions_ended: 'Autres navigateurs déconnectés',
    signed_in_by_link: 'Connexion par un lien',
  },
  notYou: 'L’un de ces changements n’est pas de vous\u00a0? Changez le mot de passe\u00a0: cela déconnecte tous les autres.',

  refused: {
    wrong_password: 'Ce mot de passe n’est pas le bon.',
    wrong_code: 'Ce code n’est pas le bon, ou a déjà servi.',
  },
};

/** As "yesterday": when a session was used is known to the day. */
export function dayOf(rfc3339: string): string {
  const days = Math.floor((Date.now() - Date.parse(rfc3339)) / 86_400_000);
  return new Intl.RelativeTimeFormat(currentLanguage(), { numeric: 'auto' }).format(-days, 'day');
}

/** Why something here was refused, in words. */
export function refusedWords(failure: unknown): string {
  const own = failure instanceof Refusal ? securityWords().refused[failure.code] : undefined;
  return own ?? wordsFor(failure);
}

/** In the language in use. */
export function securityWords(): typeof en {
  return currentLanguage() === 'fr' ? fr : en;
}
