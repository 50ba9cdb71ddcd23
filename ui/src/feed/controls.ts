import { request } from '../api/client';
import type { Disliked, Mute, MuteTarget, Profile, Video } from '../api/types';
import { muteRefused } from '../controls/control-words';
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

/** Whether a video is one, by them, with it, or about it. */
function isOf(video: Video, target: Disliked | MuteTarget, id: string): boolean {
  if (target === 'hashtag') return video.hashtags.includes(id);
  return (target === 'creator' ? video.creator.id : target === 'sound' ? video.sound?.id : video.id) === id;
}

/** Never shows this again, the videos that lie ready included. */
export async function muteThing(target: Exclude<MuteTarget, 'word' | 'language'>, id: string, done: string, deck: Deck | null): Promise<boolean> {
  try {
    const { mute } = await request<Mute>('PUT', '/api/me/mutes', { target, id });
    deck?.drop((video) => isOf(video, target, id));
    deck?.hear('block');
    notices.say(done, { words: t().common.undo, act: () => void unmute(mute, deck) });
    return true;
  } catch (failure) {
    notices.say(muteRefused(failure));
    return false;
  }
}

async function unmute(mute: string, deck: Deck | null): Promise<void> {
  try {
    await request('DELETE', `/api/me/mutes/${mute}`);
    deck?.hear('block');
    notices.say(t().less.undone);
  } catch (failure) {
    tell(failure);
  }
}

export function notInterested(entry: Entry, target: Disliked, id: string, deck: Deck | null, done: string): void {
  const { context, impression } = entry;
  events.add({ kind: 'not_interested', target, id }, context, impression);
  deck?.drop((other) => isOf(other, target, id));
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
