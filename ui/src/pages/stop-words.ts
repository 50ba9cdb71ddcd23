import { currentLanguage } from '../messages/index.svelte';

/** Words of the day's end: fetched when it comes. */
const en = {
  title: 'That is enough for today',
  text: (when: string) => `Your time for videos is used up. You can watch again ${when}.`,
  still: 'You can still',
  profile: 'See your profile',
  own: 'Look after your videos, captions and settings',
  upload: 'Record and upload',
  guest: 'It holds in this browser, also for who signs out.',
  freeTitle: 'There is time again',
  freeText: 'Go on when you like.',
  goOn: 'To the feed',
};

const fr: typeof en = {
  title: 'C’est assez pour aujourd’hui',
  text: (when) => `Votre temps de vidéo est écoulé. Vous pourrez reprendre ${when}.`,
  still: 'Vous pouvez encore',
  profile: 'Voir votre profil',
  own: 'Vous occuper de vos vidéos, sous-titres et réglages',
  upload: 'Filmer et publier',
  guest: 'Cela vaut dans ce navigateur, même après une déconnexion.',
  freeTitle: 'Il y a de nouveau du temps',
  freeText: 'Reprenez quand vous voulez.',
  goOn: 'Vers le fil',
};

/** In the language in use. */
export function stopWords(): typeof en {
  return currentLanguage() === 'fr' ? fr : en;
}

/** As "on Tuesday at 00:00". */
export function stopEnd(until: number): string {
  const at = new Date(until);
  const language = currentLanguage();
  const day = new Intl.DateTimeFormat(language, { weekday: 'long' }).format(at);
  const time = new Intl.DateTimeFormat(language, { timeStyle: 'short', hourCycle: 'h23' }).format(at);
  return language === 'fr' ? `${day} à ${time}` : `on ${day} at ${time}`;
}
