import type { Reason } from '../api/types';
import { currentLanguage } from '../messages/index.svelte';

/** Why an upload failed, by code: what `media/reasons.py` says, in French. */
const fr: Record<string, string> = {
  empty: 'Le fichier est vide. Choisissez la vidéo une nouvelle fois.',
  not_a_video: 'Ce n’est pas une vidéo que nous savons lire. Envoyez un fichier MP4, MOV, WebM, MKV ou GIF.',
  truncated: 'Le fichier s’arrête avant sa fin. Enregistrez ou exportez la vidéo de nouveau, puis envoyez-la.',
  damaged: 'Une trop grande partie de cette vidéo est abîmée. Enregistrez-la ou exportez-la de nouveau.',
  too_long: 'La vidéo est plus longue que permis ici. Choisissez-en une partie plus courte et renvoyez-la.',
  trim_outside: 'La partie choisie ne se trouve pas dans la vidéo. Choisissez-la de nouveau et renvoyez la vidéo.',
  too_short: 'La vidéo n’a pas de durée : elle ne contient qu’un instant. Filmez au moins une demi-seconde.',
  no_picture: 'Le fichier a du son mais pas d’image. Envoyez une vidéo.',
  unsupported_codec: 'La vidéo est dans un format que nous ne lisons pas. Exportez-la en MP4 (H.264).',
  too_large_picture: 'L’image est trop grande. Exportez la vidéo en 4K ou moins.',
  too_small_picture: 'L’image est trop petite : il lui faut au moins 16 pixels de côté.',
  too_many_frames: 'La vidéo a trop d’images par seconde. Exportez-la à 60 ou moins.',
  sound_gone: 'Le son choisi ne peut plus être utilisé. Publiez la vidéo de nouveau avec un autre son, ou avec le sien.',
  timed_out: 'La conversion a duré trop longtemps et a été arrêtée. Vous pouvez réessayer.',
  crashed: 'La conversion a échoué de notre côté. Vous pouvez réessayer.',
  out_of_memory: 'Cette vidéo demande plus de mémoire que permis. Exportez-la plus petite.',
  check_failed: 'La vidéo convertie ne se lisait pas à notre contrôle. Vous pouvez réessayer.',
  no_space: 'Le serveur n’a pas de place pour la vidéo convertie. Réessayez plus tard.',
  sandbox_off: 'Ce serveur ne peut convertir aucune vidéo tant que son opérateur n’a pas fait une réparation.',
  gave_up: 'La conversion a échoué plusieurs fois. Réessayez, ou exportez la vidéo de nouveau.',
};

/** In the language in use; in the server's words where we have none for it. */
export function reasonWords(reason: Reason): string {
  return (currentLanguage() === 'fr' && fr[reason.code]) || reason.text;
}
