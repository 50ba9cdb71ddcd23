import { currentLanguage } from '../messages/index.svelte';

/** Words for coming in and going: fetched with the pages that show them, and not before. */
const en = {
  handle: 'Handle',
  handleHint: 'Small letters, digits and underscores. It is public.',
  name: 'Name',
  password: 'Password',
  passwordHint: 'At least 8 characters.',
  newPassword: 'New password',
  birthYear: 'Year of birth',
  birthYearNone: 'I would rather not say',
  ageRule: (age: number) =>
    `You must be at least ${age} here. The year only decides which protections apply and is never shown. Without it you get the settings for minors.`,
  minor: (age: number) =>
    `Under ${age} your account is private, only people you follow and who follow you may write to you, nothing is sent to you at night, and the time for videos is limited each day.`,
  invite: 'Invitation code',
  signUpTitle: 'Create an account',
  signUpDo: 'Create the account',
  signUpClosed: 'This place takes no new accounts at the moment.',
  haveOne: 'You already have one?',
  signInTitle: 'Welcome back',
  signInDo: 'Sign in',
  haveNone: 'New here?',
  forgot: 'Forgotten your password? Ask the people who run this place for a reset link.',
  linkTitle: 'Signing you in',
  linkUsed: 'This link has been used or is too old. Ask for a new one.',
  resetTitle: 'Choose a new password',
  resetDo: 'Set the password',
  resetDone: 'Done. You can sign in now.',
  noToken: 'This address is not complete. Open the whole link that you were given.',
  welcome: (name: string) => `Welcome, ${name}.`,
  signedOut: 'Signed out.',
};

const fr: typeof en = {
  handle: 'Identifiant',
  handleHint: 'Minuscules, chiffres et tirets bas. Il est public.',
  name: 'Nom',
  password: 'Mot de passe',
  passwordHint: 'Au moins 8 caractères.',
  newPassword: 'Nouveau mot de passe',
  birthYear: 'Année de naissance',
  birthYearNone: 'Je préfère ne pas le dire',
  ageRule: (age) =>
    `Il faut avoir au moins ${age} ans ici. L’année décide seulement des protections et n’est jamais montrée. Sans elle, les réglages des mineurs s’appliquent.`,
  minor: (age) =>
    `Avant ${age} ans, votre compte est privé, seules les personnes que vous suivez et qui vous suivent peuvent vous écrire, rien ne vous est envoyé la nuit, et le temps de vidéo est limité chaque jour.`,
  invite: 'Code d’invitation',
  signUpTitle: 'Créer un compte',
  signUpDo: 'Créer le compte',
  signUpClosed: 'Aucun nouveau compte n’est accepté ici pour l’instant.',
  haveOne: 'Vous en avez déjà un ?',
  signInTitle: 'Heureux de vous revoir',
  signInDo: 'Se connecter',
  haveNone: 'Nouveau ici ?',
  forgot: 'Mot de passe oublié ? Demandez un lien aux personnes qui tiennent ce lieu.',
  linkTitle: 'Connexion en cours',
  linkUsed: 'Ce lien a déjà servi ou est trop ancien. Demandez-en un nouveau.',
  resetTitle: 'Choisir un nouveau mot de passe',
  resetDo: 'Enregistrer le mot de passe',
  resetDone: 'C’est fait. Vous pouvez vous connecter.',
  noToken: 'Cette adresse est incomplète. Ouvrez le lien entier que l’on vous a donné.',
  welcome: (name) => `Bienvenue, ${name}.`,
  signedOut: 'Vous êtes déconnecté.',
};

/** In the language in use. */
export function accountWords(): typeof en {
  return currentLanguage() === 'fr' ? fr : en;
}
