import { request } from '../api/client';
import type { Disliked, Profile } from '../api/types';
import { events } from '../events/index';
import { t } from '../messages/index.svelte';
import { notices } from '../state/notices.svelte';
import { signedIn, tell } from './actions';
import type { Deck } from './deck.svelte';
import type { Entry } from './entry.svelte';

export async function setBlock(handle: string, blocked: boolean, deck: Deck | null): Promise<Profile | null> {
  if (!signedIn()) return null;
  try {
    const profile = await request<Profile>(blocked ? 'PUT' : 'DELETE', `/api/profiles/${handle}/block`);
    notices.say(blocked ? t().block.done(handle) : t().block.undone(handle));
    if (blocked) {
      deck?.drop((video) => video.creator.handle === handle);
      deck?.hear('block');
    }
    return profile;
  } catch (failure) {
    tell(failure);
    return null;
  }
}

export function notInterested(entry: Entry, target: Disliked, id: string, deck: Deck | null, done: string): void {
  const { context, impression, video } = entry;
  events.add({ kind: 'not_interested', target, id }, context, impression);
  if (target === 'creator') deck?.drop((other) => other.creator.id === video.creator.id);
  if (target === 'sound') deck?.drop((other) => other.sound?.id === id);
  deck?.hear('not_interested');
  notices.say(done, {
    words: t().common.undo,
    act: () => {
      events.add({ kind: 'interested_again', target, id }, context, impression);
      deck?.hear('not_interested');
      notices.say(t().less.undone);
    },
  });
}
