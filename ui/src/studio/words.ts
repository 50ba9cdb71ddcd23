import { currentLanguage } from '../messages/index.svelte';
import type { Trouble } from './camera';

/** Words for recording and cutting: fetched with the pages that show them, and not before. */
interface StudioWords {
  record: string;
  open: string;
  openHint: string;
  asking: string;
  trouble: Record<Trouble, string>;
  silent: string;
  start: string;
  stop: string;
  pause: string;
  resume: string;
  turn: string;
  recording: string;
  paused: string;
  done: (time: string) => string;
  of: (time: string, most: string) => string;
  again: string;
  use: string;
  result: string;
  notKept: string;
  waits: (time: string) => string;
  useKept: string;
  forget: string;
  cut: string;
  cutHint: string;
  handle: { start: string; end: string };
  at: { start: (time: string) => string; end: (time: string) => string };
  part: (time: string) => string;
  tooLong: (seconds: number) => string;
  uncut: string;
  mute: string;
  play: string;
  pausePreview: string;
  alt: string;
  altHint: string;
  altSaved: string;
  altEdit: string;
}

const en: StudioWords = {
  record: 'Record with the camera',
  open: 'Turn the camera on',
  openHint: 'Your browser asks you first. Nothing leaves this device before you publish.',
  asking: 'Your browser is asking for the camera and the microphone.',
  trouble: {
    insecure: 'Browsers open the camera at encrypted addresses (https) only, and this one is not. Film with your camera app and choose the file here.',
    missing: 'This browser cannot record video. Film with your camera app and choose the file here.',
    refused: 'The camera or the microphone was refused. Allow both for this page in your browser’s settings, then try again.',
    none: 'No camera was found on this device.',
    busy: 'The camera is in use by another program. Close that one, then try again.',
    failed: 'The camera did not start. Please try again.',
  },
  silent: 'No microphone was found: this records without sound.',
  start: 'Start recording',
  stop: 'Stop recording',
  pause: 'Pause recording',
  resume: 'Go on recording',
  turn: 'Other camera',
  recording: 'Recording',
  paused: 'Paused',
  done: (time) => `Recorded: ${time}`,
  of: (time, most) => `${time} of at most ${most}`,
  again: 'Record again',
  use: 'Use this',
  result: 'Your recording',
  notKept: 'This browser has no room to keep the recording. Publish it before you leave this page.',
  waits: (time) => `A recording of ${time} is waiting here.`,
  useKept: 'Use it',
  forget: 'Delete it',
  cut: 'Cut',
  cutHint: 'Drag the ends, or use the arrow keys.',
  handle: { start: 'Beginning of the video', end: 'End of the video' },
  at: { start: (time) => `begins at ${time}`, end: (time) => `ends at ${time}` },
  part: (time) => `${time} will be published.`,
  tooLong: (seconds) => `Videos here have up to ${seconds} seconds. Choose which.`,
  uncut: 'Your browser cannot play this file, so it cannot be cut here. It will be published whole.',
  mute: 'Without its sound',
  play: 'Play',
  pausePreview: 'Pause',
  alt: 'Description for people who cannot see it',
  altHint: 'What is to be seen? Screen readers read it out.',
  altSaved: 'Description saved.',
  altEdit: 'Description',
};

const fr: StudioWords = {
  record: 'Filmer avec la caméra',
  open: 'Allumer la caméra',
  openHint: 'Votre navigateur vous le demande d’abord. Rien ne quitte cet appareil avant la publication.',
  asking: 'Votre navigateur demande l’accès à la caméra et au micro.',
  trouble: {
    insecure: 'Les navigateurs n’ouvrent la caméra qu’à une adresse chiffrée (https), et celle-ci ne l’est pas. Filmez avec votre appareil et choisissez le fichier ici.',
    missing: 'Ce navigateur ne sait pas filmer. Filmez avec votre appareil et choisissez le fichier ici.',
    refused: 'La caméra ou le micro ont été refusés. Autorisez les deux pour cette page dans les réglages du navigateur, puis réessayez.',
    none: 'Aucune caméra n’a été trouvée sur cet appareil.',
    busy: 'Un autre programme utilise la caméra. Fermez-le, puis réessayez.',
    failed: 'La caméra n’a pas démarré. Réessayez.',
  },
  silent: 'Aucun micro n’a été trouvé : la vidéo sera sans son.',
  start: 'Commencer à filmer',
  stop: 'Arrêter',
  pause: 'Mettre en pause',
  resume: 'Continuer à filmer',
  turn: 'Autre caméra',
  recording: 'Enregistrement en cours',
  paused: 'En pause',
  done: (time) => `Enregistré : ${time}`,
  of: (time, most) => `${time} sur ${most} au plus`,
  again: 'Recommencer',
  use: 'Utiliser cette vidéo',
  result: 'Votre vidéo',
  notKept: 'Ce navigateur n’a pas la place de garder la vidéo. Publiez-la avant de quitter cette page.',
  waits: (time) => `Une vidéo de ${time} que vous avez filmée attend ici.`,
  useKept: 'L’utiliser',
  forget: 'La supprimer',
  cut: 'Couper',
  cutHint: 'Faites glisser les bords ou utilisez les flèches du clavier.',
  handle: { start: 'Début de la vidéo', end: 'Fin de la vidéo' },
  at: { start: (time) => `commence à ${time}`, end: (time) => `finit à ${time}` },
  part: (time) => `${time} seront publiées.`,
  tooLong: (seconds) => `Les vidéos ont ici jusqu’à ${seconds} secondes. Choisissez lesquelles.`,
  uncut: 'Votre navigateur ne lit pas ce fichier et ne peut donc pas le couper. Il sera publié en entier.',
  mute: 'Sans le son',
  play: 'Lire',
  pausePreview: 'Pause',
  alt: 'Description pour qui ne voit pas la vidéo',
  altHint: 'Que voit-on ? Les lecteurs d’écran la lisent à voix haute.',
  altSaved: 'Description enregistrée.',
  altEdit: 'Description',
};

/** In the language in use. */
export function studioWords(): StudioWords {
  return currentLanguage() === 'fr' ? fr : en;
}
