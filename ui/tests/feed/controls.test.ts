import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { events } from '../../src/events/index';
import { muteThing, notInterested } from '../../src/feed/controls';
import { Deck } from '../../src/feed/deck.svelte';
import { Entry } from '../../src/feed/entry.svelte';
import { speak } from '../../src/messages/index.svelte';
import { notices } from '../../src/state/notices.svelte';
import { video } from './world';

const asked: { method: string; path: string; body: unknown }[] = [];

beforeEach(async () => {
  asked.length = 0;
  notices.shown = [];
  vi.stubGlobal('document', { documentElement: {} });
  await speak('en');
  vi.stubGlobal('fetch', async (path: string, options: RequestInit) => {
    asked.push({ method: options.method!, path, body: options.body ? JSON.parse(options.body as string) : null });
    if (options.method === 'DELETE') return new Response(null, { status: 204 });
    return new Response(JSON.stringify({ mute: 'm1', since: '', what: {} }));
  });
});

afterEach(() => void vi.unstubAllGlobals());

/** a is on; b and d are about waves, c and d are by the second creator. */
function deck(): Deck {
  const about = [
    { ...video('a', 'c1'), hashtags: ['waves'] },
    { ...video('b', 'c1'), hashtags: ['waves'] },
    { ...video('c', 'c2'), hashtags: [] },
    { ...video('d', 'c2'), hashtags: ['waves'] },
  ];
  return new Deck({ page: () => new Promise(() => {}) }, about.map((one) => new Entry(one, 'feed')));
}

const ids = (of: Deck) => of.entries.map((entry) => entry.video.id);

test('no interest in a hashtag takes it from what lies ready, the very next video too', () => {
  vi.spyOn(events, 'add').mockImplementation(() => {});
  const here = deck();
  notInterested(here.entries[0]!, 'hashtag', 'waves', here, 'done');
  expect(ids(here)).toEqual(['a', 'c']);
});

test('what is muted is gone from what lies ready, and comes back by the undo', async () => {
  const here = deck();
  const heard = vi.spyOn(here, 'hear');
  expect(await muteThing('creator', 'c2', 'muted', here)).toBe(true);
  expect(ids(here)).toEqual(['a', 'b']);
  expect(asked).toEqual([{ method: 'PUT', path: '/api/me/mutes', body: { target: 'creator', id: 'c2' } }]);
  notices.shown[0]!.undo!.act();
  await vi.waitFor(() => expect(heard).toHaveBeenCalledTimes(2));
  expect(asked[1]).toMatchObject({ method: 'DELETE', path: '/api/me/mutes/m1' });
});

test('where the list is full that is said, and nothing is taken away', async () => {
  vi.stubGlobal('fetch', async () => new Response(JSON.stringify({ error: { code: 'too_many_mutes' } }), { status: 409 }));
  const here = deck();
  expect(await muteThing('hashtag', 'waves', 'muted', here)).toBe(false);
  expect(ids(here)).toEqual(['a', 'b', 'c', 'd']);
  expect(notices.shown[0]!.text).toContain('full');
});
