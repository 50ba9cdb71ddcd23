import { request } from '../api/client';
import type { Closed, Disliked, Happening, Page, Video } from '../api/types';
import { events } from '../events/index';
import { notices } from '../state/notices.svelte';
import { profile, PROFILE } from '../state/profile';
import type { HandBack } from './deck.svelte';
import { closedBecause } from './unprofiled-words';

/**
 * The feed without a profile: what was seen and what is not wanted stay in this browser.
 *
 * Fetched only where the profile is off.
 */
const SEEN = 'penchant.seen';
const REFUSED = 'penchant.refused';
const COUNT = 10;
/** What the server takes at once, and what is kept. */
const MOST_SEEN = 1_000;
const MOST_REFUSED = 500;

/** Videos of the pages of this visit, as far as they are still to be shown. */
const served = new Map<string, string[]>();

export async function page(handBack: HandBack | null): Promise<Page> {
  if (handBack) served.get(handBack.page)?.splice(handBack.slot);
  const seen = [...new Set([...read(SEEN), ...[...served.values()].flat()])].slice(-MOST_SEEN);
  const found = await request<Page>('POST', '/api/feed/no-profile', { seen, count: COUNT });
  notices.line = found.notice ? closedBecause(found.notice) : '';
  served.set(
    found.page,
    found.items.map((item) => item.video.id),
  );
  const refused = new Set(read(REFUSED));
  return { ...found, items: found.items.filter((item) => !namesOf(item.video).some((name) => refused.has(name))) };
}

let diverted = false;

/**
 * In place of the feed with a profile, while nobody vouches for the place's record or its use is stopped. What is watched of such pages stays
 * in this browser; what somebody says, likes or refuses goes where it always does.
 */
export async function instead(why: Closed): Promise<Page> {
  if (!diverted) {
    diverted = true;
    const add = events.add.bind(events);
    events.add = (happening, context, impression) => {
      const nobodys = impression === '';
      if (nobodys) note(happening);
      if (!nobodys || !/shown|watch/.test(happening.kind)) add(happening, context, impression);
    };
  }
  const found = await page(null);
  notices.line = closedBecause(why);
  return found;
}

/** Takes the place of telling the server. */
export function note(happening: Happening): void {
  if (happening.kind === 'shown') keep(SEEN, happening.video, true, MOST_SEEN);
  if (happening.kind === 'not_interested') keep(REFUSED, nameOf(happening.target, happening.id), true, MOST_REFUSED);
  if (happening.kind === 'interested_again') keep(REFUSED, nameOf(happening.target, happening.id), false, MOST_REFUSED);
}

/** Begins anew with the profile on or off; what was watched before goes to the server first, what comes after does not. */
export async function setProfile(on: boolean): Promise<void> {
  await events.flush();
  events.clear();
  forgetSeen();
  profile.off = !on;
  if (on) localStorage.removeItem(PROFILE);
  else localStorage.setItem(PROFILE, 'off');
  location.assign('/');
}

/** How many refusals are kept here. */
export function refusedHere(): number {
  return read(REFUSED).length;
}

export function forgetRefused(): void {
  localStorage.removeItem(REFUSED);
}

export function forgetSeen(): void {
  localStorage.removeItem(SEEN);
  forgetRefused();
}

function namesOf(video: Video): string[] {
  const names = [nameOf('video', video.id), nameOf('creator', video.creator.id)];
  if (video.sound) names.push(nameOf('sound', video.sound.id));
  return [...names, ...video.hashtags.map((tag) => nameOf('hashtag', tag))];
}

function nameOf(target: Disliked, id: string): string {
  return `${target}:${id}`;
}

function read(key: string): string[] {
  return (localStorage.getItem(key) ?? '').split(' ').filter(Boolean);
}

/** Puts an entry at the end, or takes it out; the oldest go where there are too many. */
function keep(key: string, entry: string, add: boolean, most: number): void {
  const others = read(key).filter((other) => other !== entry);
  localStorage.setItem(key, [...others, ...(add ? [entry] : [])].slice(-most).join(' '));
}
