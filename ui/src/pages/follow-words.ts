import { currentLanguage } from '../messages/index.svelte';

/** Words for private accounts and for asking to follow them: fetched with the pages that show them, and not before. */
const en = {
  private: 'Private account',
  only: (handle: string) => `Only people whom @${handle} accepted see their videos.`,
  ask: 'Ask to follow',
  requested: 'Requested',
  waiting: (handle: string) => `@${handle} has not answered yet. Press again to withdraw.`,
  title: 'They ask to follow you',
  accept: 'Accept',
  decline: 'Decline',
  acceptWhom: (handle: string) => `Accept @${handle}`,
  declineWhom: (handle: string) => `Decline @${handle}`,
  accepted: (handle: string) => `@${handle} sees your videos now.`,
  declined: (handle: string) => `@${handle} is not told.`,
  removed: (handle: string) => `@${handle} no longer sees them.`,
};

const fr: typeof en = {
  private: 'Compte privé',
  only: (handle) => `Seules les personnes que @${handle} a acceptées voient ses vidéos.`,
  ask: 'Demander à suivre',
  requested: 'Demandé',
  waiting: (handle) => `@${handle} n’a pas encore répondu. Appuyez encore pour retirer la demande.`,
  title: 'Demandes d’abonnement',
  accept: 'Accepter',
  decline: 'Refuser',
  acceptWhom: (handle) => `Accepter @${handle}`,
  declineWhom: (handle) => `Refuser @${handle}`,
  accepted: (handle) => `@${handle} voit vos vidéos maintenant.`,
  declined: (handle) => `@${handle} n’en est pas averti.`,
  removed: (handle) => `@${handle} ne les voit plus.`,
};

/** In the language in use. */
export function followWords(): typeof en {
  return currentLanguage() === 'fr' ? fr : en;
}
