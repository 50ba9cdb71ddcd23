import type { ReportReason } from '../api/types';
import { currentLanguage } from '../messages/index.svelte';

/** Words that moderators and those concerned share: actions, labels, where they come from. */
const en = {
  editedTo: (words: string) => `Edited since: “${words}”`,
  action: {
    warn: 'A warning or label',
    age_gate: 'Adults only',
    limit: 'Shown to fewer people',
    hold: 'Held until somebody has looked',
    remove: 'Removed',
    suspend: 'Account suspended',
    restore: 'Restored',
    unsuspend: 'Let back in',
    dismiss: 'Left as it was',
  } as Record<string, string>,
  label: {
    known_illegal: 'like material that is known to be illegal',
    known_bad: 'like something that was removed before',
    nudity: 'nudity',
    hate: 'words of hatred',
    harassment: 'words that attack somebody',
    threat: 'a threat',
    self_harm: 'self-harm',
    scam_link: 'a link that is on a list of fraud',
    spam: 'looks like spam',
    rising_unreviewed: 'spreads fast and nobody has looked yet',
    synthetic: 'made or changed by a machine',
    state_media: 'from a medium under the control of a state',
    sensitive: 'may disturb',
    strikes_first: 'several removals',
    strikes_second: 'many removals',
    strikes_last: 'removals after many pauses',
    repeat_infringer: 'copyright infringed again and again',
    cleared: 'a person looked before and left it',
    duplicate: 'posted before',
  } as Record<string, string>,
  source: {
    hash: 'compared with lists of known files',
    words: 'read by a program',
    links: 'links looked up',
    nudity: 'seen by a program',
    spam: 'pattern of posting',
    moderator: 'a moderator',
    creator: 'said by its creator',
    strikes: 'counted',
    circuit_breaker: 'speed of spreading',
    provenance: 'its own credentials',
  } as Record<string, string>,
  points: (points: number) => `${points} ${points === 1 ? 'strike point' : 'strike points'}`,
  toNext: (points: number) => `${points} more until a person decides about the account`,
};

const fr: typeof en = {
  editedTo: (words) => `Modifié depuis : « ${words} »`,
  action: {
    warn: 'Un avertissement ou une mention',
    age_gate: 'Réservé aux adultes',
    limit: 'Montré à moins de personnes',
    hold: 'Retenu jusqu’à un examen',
    remove: 'Retiré',
    suspend: 'Compte suspendu',
    restore: 'Rétabli',
    unsuspend: 'Compte rétabli',
    dismiss: 'Laissé tel quel',
  },
  label: {
    known_illegal: 'ressemble à un contenu illicite connu',
    known_bad: 'ressemble à ce qui a déjà été retiré',
    nudity: 'nudité',
    hate: 'mots de haine',
    harassment: 'mots qui attaquent quelqu’un',
    threat: 'une menace',
    self_harm: 'automutilation',
    scam_link: 'un lien figurant sur une liste de fraudes',
    spam: 'ressemble à du spam',
    rising_unreviewed: 'se propage vite sans que personne n’ait regardé',
    synthetic: 'créé ou modifié par une machine',
    state_media: 'd’un média contrôlé par un État',
    sensitive: 'peut choquer',
    strikes_first: 'plusieurs retraits',
    strikes_second: 'de nombreux retraits',
    strikes_last: 'des retraits après plusieurs pauses',
    repeat_infringer: 'atteintes répétées au droit d’auteur',
    cleared: 'une personne l’a déjà vu et laissé',
    duplicate: 'déjà publié',
  },
  source: {
    hash: 'comparé à des listes de fichiers connus',
    words: 'lu par un programme',
    links: 'liens vérifiés',
    nudity: 'vu par un programme',
    spam: 'manière de publier',
    moderator: 'la modération',
    creator: 'dit par son auteur',
    strikes: 'compté',
    circuit_breaker: 'vitesse de propagation',
    provenance: 'ses propres certificats',
  },
  points: (points) => `${points} ${points < 2 ? 'point' : 'points'} de sanction`,
  toNext: (points) => `encore ${points} avant qu’une personne décide du compte`,
};

/** In the language in use. */
export function caseWords(): typeof en {
  return currentLanguage() === 'fr' ? fr : en;
}

/** A name that nobody has put into words stands for itself. */
export function spoken(words: Record<string, string>, name: string): string {
  return words[name] ?? name.replaceAll('_', ' ');
}

/** What reports say, with how often, the most frequent first. */
export function counted(reasons: Partial<Record<ReportReason, number>>): [ReportReason, number][] {
  return (Object.entries(reasons) as [ReportReason, number][]).sort((one, other) => other[1] - one[1]);
}
