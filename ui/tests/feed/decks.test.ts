import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { forgetMainDeck, mainDeck } from '../../src/feed/decks';
import { stop, STOPPED } from '../../src/state/stop.svelte';
import { held, hold, lift } from '../../src/state/stopped';

const NOON = new Date(2026, 10, 30, 12).getTime();
let answers: (() => Response | Promise<Response>)[] = [];
let asked = 0;

const page = (rest_s: number | null) => () => Response.json({ page: `p${asked}`, mode: 'taste', items: [], rest_s });
const over = (retry_after_s: number) => () =>
  Response.json({ error: { code: 'daily_limit', message: '', retry_after_s, fields: {} } }, { status: 403 });

beforeEach(() => {
  vi.useFakeTimers({ now: NOON });
  asked = 0;
  vi.stubGlobal('fetch', async () => answers[asked++]!());
});

afterEach(() => {
  stop.after(null, () => {});
  lift();
  forgetMainDeck();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

test('when what is left of today is over the server is asked, and its word ends the day', async () => {
  answers = [page(60), page(5), over(3_600)];
  await mainDeck().ask();
  await vi.advanceTimersByTimeAsync(59_000);
  expect(asked).toBe(1);
  await vi.advanceTimersByTimeAsync(1_000);
  expect([asked, stop.until]).toEqual([2, 0]);
  await vi.advanceTimersByTimeAsync(5_000);
  expect([asked, stop.until]).toEqual([3, NOON + 65_000 + 3_600_000]);
  expect(localStorage.getItem(STOPPED)).toBe(String(stop.until));
});

test('without a limit nothing is counted', async () => {
  answers = [page(null)];
  await mainDeck().ask();
  await vi.advanceTimersByTimeAsync(24 * 3_600_000);
  expect([asked, stop.until]).toEqual([1, 0]);
});

test('a server that does not answer gives no more time, and takes none that is left', async () => {
  answers = [page(60), () => Promise.reject(new TypeError('away')), () => Promise.reject(new TypeError('away'))];
  await mainDeck().ask();
  await mainDeck().ask();
  expect(stop.until).toBe(0);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(new Date(stop.until)).toEqual(new Date(2026, 11, 1));
});

test('who comes after somebody that was stopped does not open the browser, until another day', async () => {
  answers = [over(60), over(60)];
  await mainDeck().ask();
  expect(held()).toBe(false);
  hold();
  expect(held()).toBe(true);
  vi.setSystemTime(NOON + 24 * 3_600_000);
  await mainDeck().ask();
  expect(held()).toBe(false);
});
