import { currentLanguage } from '../messages/index.svelte';

/** Words of sharing: fetched with the sheets, and not before. */
const en = {
  title: 'Share this video',
  copy: 'Copy link',
  copied: 'Link copied.',
  failed: 'It could not be copied.',
  system: 'Share with…',
  code: 'Show it on another site',
  copyCode: 'Copy the code',
  copiedCode: 'Code copied.',
  qr: 'The link as a QR code',
};

const fr: typeof en = {
  title: 'Partager cette vidéo',
  copy: 'Copier le lien',
  copied: 'Lien copié.',
  failed: 'La copie n’a pas réussi.',
  system: 'Partager avec…',
  code: 'L’afficher sur un autre site',
  copyCode: 'Copier le code',
  copiedCode: 'Code copié.',
  qr: 'Le lien en code QR',
};

/** In the language in use. */
export function shareWords(): typeof en {
  return currentLanguage() === 'fr' ? fr : en;
}
