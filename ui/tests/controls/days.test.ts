import { expect, test } from 'vitest';
import type { Watched } from '../../src/api/types';
import { byDay, shareOf } from '../../src/controls/days';

function watched(video: string, at: string, watched_ms = 0, duration_ms = 0): Watched {
  return { video, at, watched_ms, duration_ms, title: video, handle: 'ada', poster_url: null };
}

test('entries stand below the day on which they were watched, in the order given', () => {
  const list = [
    watched('c', new Date(2026, 4, 2, 9).toISOString()),
    watched('b', new Date(2026, 4, 2, 0, 1).toISOString()),
    watched('a', new Date(2026, 4, 1, 23, 59).toISOString()),
  ];
  expect(byDay(list).map((day) => day.watched.map((one) => one.video))).toEqual([['c', 'b'], ['a']]);
  expect(byDay([])).toEqual([]);
});

test('a share is of one time through, and none where it was only seen', () => {
  expect(shareOf(watched('a', '', 3_000, 6_000))).toBe(0.5);
  expect(shareOf(watched('a', '', 30_000, 6_000))).toBe(1);
  expect(shareOf(watched('a', '', 0, 0))).toBeNull();
});
