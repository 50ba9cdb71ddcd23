import type { InboxEntry, TellingKind } from '../api/types';
import { currentLanguage } from '../messages/index.svelte';

const MOST = 1_000;

/** Words of the inbox: fetched with it, and not before. */
const en = {
  title: 'Inbox',
  none: 'Nothing yet. Who follows you, likes or answers is told here.',
  readAll: 'Mark all as read',
  allRead: 'All is read.',
  unread: 'unread',
  more: 'Show more',
  guest: 'Sign in to see what concerns you',
  others: (count: number) => (count >= MOST - 2 ? `${MOST - 1}+ others` : `${count} ${count === 1 ? 'other' : 'others'}`),
  and: ' and ',
  says: {
    follow: () => 'follow you',
    follow_request: () => 'ask to follow you',
    accepted: () => 'lets you follow',
    like: () => 'liked your video',
    comment: () => 'commented on your video',
    reply: () => 'answered you',
    mention: () => 'named you in a comment',
    comment_like: () => 'liked your comment',
    video_ready: (count: number) => (count === 1 ? 'Your video is ready. People can see it.' : `${count} of your videos are ready.`),
    video_failed: () => 'Your video could not be made.',
    decision: () => 'Something was decided about you or what you posted.',
  } as Record<TellingKind, (count: number) => string>,
  one: { follow: 'follows you', follow_request: 'asks to follow you' } as Partial<Record<TellingKind, string>>,
  taken: 'What was decided about you or what you posted was taken back.',
  kindsTitle: 'What you are told of',
  kindsText: 'What is decided about you is always told.',
  kinds: {
    follow: 'New followers',
    follow_request: 'Requests to follow',
    accepted: 'Somebody lets you follow',
    like: 'Likes of your videos',
    comment: 'Comments on your videos',
    reply: 'Answers to you',
    mention: 'Comments that name you',
    comment_like: 'Likes of your comments',
    video_ready: 'Your videos are ready',
    video_failed: 'A video could not be made',
    decision: '',
  } as Record<TellingKind, string>,
};

const fr: typeof en = {
  title: 'Activité',
  none: 'Rien encore. Abonnements, mentions j’aime et réponses apparaissent ici.',
  readAll: 'Tout marquer comme lu',
  allRead: 'Tout est lu.',
  unread: 'non lu',
  more: 'Afficher plus',
  guest: 'Connectez-vous pour voir ce qui vous concerne',
  others: (count) => (count >= MOST - 2 ? `plus de ${MOST - 1} autres` : count === 1 ? '1 autre' : `${count} autres`),
  and: ' et ',
  says: {
    follow: () => 'vous suivent',
    follow_request: () => 'demandent à vous suivre',
    accepted: () => 'vous laisse suivre ses vidéos',
    like: (count) => (count < 2 ? 'aime votre vidéo' : 'aiment votre vidéo'),
    comment: (count) => (count < 2 ? 'a commenté votre vidéo' : 'ont commenté votre vidéo'),
    reply: (count) => (count < 2 ? 'vous a répondu' : 'vous ont répondu'),
    mention: () => 'vous nomme dans un commentaire',
    comment_like: (count) => (count < 2 ? 'aime votre commentaire' : 'aiment votre commentaire'),
    video_ready: (count) => (count < 2 ? 'Votre vidéo est prête. Elle est visible.' : `${count} de vos vidéos sont prêtes.`),
    video_failed: () => 'Votre vidéo n’a pas pu être produite.',
    decision: () => 'Une décision vous concerne, ou ce que vous avez publié.',
  },
  one: { follow: 'vous suit', follow_request: 'demande à vous suivre' },
  taken: 'Une décision qui vous concernait a été annulée.',
  kindsTitle: 'Ce dont vous êtes averti',
  kindsText: 'Les décisions qui vous concernent sont toujours annoncées.',
  kinds: {
    follow: 'Nouveaux abonnés',
    follow_request: 'Demandes d’abonnement',
    accepted: 'Quelqu’un vous laisse suivre',
    like: 'Mentions j’aime de vos vidéos',
    comment: 'Commentaires sur vos vidéos',
    reply: 'Réponses',
    mention: 'Commentaires qui vous nomment',
    comment_like: 'Mentions j’aime de vos commentaires',
    video_ready: 'Vos vidéos sont prêtes',
    video_failed: 'Une vidéo n’a pas pu être produite',
    decision: '',
  },
};

/** In the language in use. */
export function inboxWords(): typeof en {
  return currentLanguage() === 'fr' ? fr : en;
}

/** Who did it: the latest two, and how many besides. */
export function whoDid({ people, count }: InboxEntry): string {
  const words = inboxWords();
  const names = people.map(({ name, handle }) => name || handle);
  const rest = count - people.length;
  if (rest > 0) return names.join(', ') + words.and + words.others(rest);
  return names.join(words.and);
}

/** What they did, as a sentence goes on after them; of a video or a decision the whole sentence. */
export function whatWas({ kind, count, action }: InboxEntry): string {
  const words = inboxWords();
  if (kind === 'decision' && (action === 'restore' || action === 'unsuspend')) return words.taken;
  return (count === 1 && words.one[kind]) || words.says[kind](count);
}

/** Where an entry leads. */
export function whereTo({ kind, people, count, video }: InboxEntry): string {
  if (kind === 'follow_request' || kind === 'decision' || kind === 'video_failed') return '/me';
  if (kind === 'video_ready' && count > 1) return '/me';
  if (video) return `/v/${video.id}`;
  return people[0] ? `/@${people[0].handle}` : '/me';
}
