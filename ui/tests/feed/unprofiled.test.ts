import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { events } from '../../src/events/index';
import { forgetRefused, forgetSeen, instead, note, page, refusedHere } from '../../src/feed/unprofiled';
import { notices } from '../../src/state/notices.svelte';
import { video } from './world';

const asked: { path: string; seen: string[] }[] = [];
let pages = 0;
let notice: string | null = null;

beforeEach(() => {
  asked.length = 0;
  vi.stubGlobal('fetch', async (path: string, options: RequestInit) => {
    asked.push({ path, seen: (JSON.parse(options.body as string) as { seen: string[] }).seen });
    const name = `p${++pages}`;
    const items = [0, 1, 2].map((slot) => ({ slot, impression: '', video: video(`${name}v${slot}`, `c${slot}`) }));
    return new Response(JSON.stringify({ page: name, mode: 'no_profile', items, notice }));
  });
});

afterEach(() => {
  forgetSeen();
  vi.unstubAllGlobals();
});

const shown = (id: string) => note({ kind: 'shown', video: id });

test('what was seen, and what is still to be shown, is not asked for again', async () => {
  shown('old');
  const first = await page(null);
  await page({ page: first.page, slot: 1 });
  expect(asked.map((one) => one.path)).toEqual(['/api/feed/no-profile', '/api/feed/no-profile']);
  expect(asked[0]!.seen).toContain('old');
  expect(asked[1]!.seen).toEqual(['old', `${first.page}v0`]);
});

test('the last thousand are kept, each once', async () => {
  for (let at = 0; at < 1_200; at++) shown(`v${at}`);
  shown('v1100');
  expect((await page(null), asked[0]!.seen)).toHaveLength(1_000);
  expect(asked[0]!.seen).not.toContain('v199');
  expect(localStorage.getItem('penchant.seen')!.split(' ').filter((id) => id === 'v1100')).toHaveLength(1);
});

test('what is not wanted stays away until that is taken back, and nobody is told', async () => {
  note({ kind: 'not_interested', target: 'creator', id: 'c1' });
  const creators = async () => (await page(null)).items.map((item) => item.video.creator.id);
  expect(await creators()).toEqual(['c0', 'c2']);
  note({ kind: 'interested_again', target: 'creator', id: 'c1' });
  expect(await creators()).toEqual(['c0', 'c1', 'c2']);
  expect(JSON.stringify(asked)).not.toContain('creator');
});

test('what is refused here is counted, and taken back all at once', async () => {
  note({ kind: 'not_interested', target: 'creator', id: 'c1' });
  note({ kind: 'not_interested', target: 'hashtag', id: 'waves' });
  expect(refusedHere()).toBe(2);
  forgetRefused();
  expect(refusedHere()).toBe(0);
  expect((await page(null)).items).toHaveLength(3);
});

test('while nobody vouches for the record, that is said, and what is watched stays here', async () => {
  const told: string[] = [];
  events.add = ({ kind }) => void told.push(kind);
  notice = 'not_witnessed';
  const { page: name, items } = await instead('not_witnessed');
  expect(notices.line).toContain('Nobody else vouches');
  const { impression } = items[0]!;
  events.add({ kind: 'shown', video: `${name}v0` }, 'feed', impression);
  events.add({ kind: 'shown', video: 'elsewhere' }, 'profile', null);
  events.add({ kind: 'not_interested', target: 'creator', id: 'c1' }, 'feed', impression);
  expect(told).toEqual(['shown', 'not_interested']);
  expect(localStorage.getItem('penchant.seen')).toBe(`${name}v0`);
  notice = 'stopped';
  await page(null);
  expect(notices.line).toContain('stopped the use of profiles');
  notice = null;
  await page(null);
  expect(notices.line).toBe('');
});
