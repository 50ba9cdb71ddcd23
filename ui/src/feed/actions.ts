import { request, Refusal } from '../api/client';
import type { Profile } from '../api/types';
import { wordsFor } from '../messages/index.svelte';
import { notices } from '../state/notices.svelte';
import { who } from '../state/session.svelte';
import { sheets } from '../state/sheets.svelte';
import type { Deck } from './deck.svelte';
import type { Entry } from './entry.svelte';

/**
 * Opens the invitation to sign in and says false, where an action needs an account.
 *
 * While the server has not said yet who is looking, the action goes out and the server decides.
 */
export function signedIn(): boolean {
  if (who.account || !who.session) return true;
  sheets.show({ name: 'account' });
  return false;
}

export function tell(failure: unknown): void {
  if (failure instanceof Refusal && failure.code === 'sign_in_needed') sheets.show({ name: 'account' });
  else notices.say(wordsFor(failure));
}

export async function setLike(entry: Entry, liked: boolean, deck: Deck | null): Promise<void> {
  if (!signedIn() || entry.video.liked === liked) return;
  const { video } = entry;
  const before = video.like_count;
  video.liked = liked;
  video.like_count = Math.max(0, before + (liked ? 1 : -1));
  try {
    const answer = await request<{ liked: boolean; like_count: number }>(
      liked ? 'PUT' : 'DELETE',
      `/api/videos/${video.id}/like`,
    );
    Object.assign(video, answer);
    if (liked) deck?.hear('like');
  } catch (failure) {
    video.liked = !liked;
    video.like_count = before;
    tell(failure);
  }
}

export async function setFollow(entry: Entry, following: boolean): Promise<void> {
  if (!signedIn()) return;
  const { creator } = entry.video;
  creator.following = following;
  try {
    // A private account is asked first.
    creator.following = (await request<Profile>(following ? 'PUT' : 'DELETE', `/api/profiles/${creator.handle}/follow`)).following;
  } catch (failure) {
    creator.following = !following;
    tell(failure);
  }
}
