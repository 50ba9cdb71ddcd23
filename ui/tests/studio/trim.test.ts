import { describe, expect, it } from 'vitest';
import { clock, cutOf, keyed, moved, SHORTEST_MS, wholeOf, type Handle } from '../../src/studio/trim';

/** The same numbers every time, spread over a range. */
function* drawn(count: number, most: number): Generator<number> {
  let state = 12_345;
  for (let i = 0; i < count; i++) {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    yield state % most;
  }
}

describe('a stretch', () => {
  it('stays within the file, a second long and no longer than allowed, however its handles are dragged', () => {
    for (const [length, most] of [[12_345, 180_000], [400_000, 180_000], [1_001, 60_000]] as const) {
      let stretch = wholeOf(length, most);
      let handle: Handle = 'start';
      for (const to of drawn(500, 2 * length)) {
        stretch = moved(stretch, handle, to - length / 2, length, most);
        expect(stretch.start).toBeGreaterThanOrEqual(0);
        expect(stretch.end).toBeLessThanOrEqual(length);
        expect(stretch.end - stretch.start).toBeGreaterThanOrEqual(SHORTEST_MS);
        expect(stretch.end - stretch.start).toBeLessThanOrEqual(most);
        expect(Number.isInteger(stretch.start) && Number.isInteger(stretch.end)).toBe(true);
        handle = handle === 'start' ? 'end' : 'start';
      }
    }
  });

  it('goes where its handle is put, if it may', () => {
    const whole = { start: 0, end: 10_000 };
    expect(moved(whole, 'start', 2_500.4, 10_000, 60_000)).toEqual({ start: 2_500, end: 10_000 });
    expect(moved(whole, 'end', 7_000, 10_000, 60_000)).toEqual({ start: 0, end: 7_000 });
    expect(moved(whole, 'end', 200, 10_000, 60_000)).toEqual({ start: 0, end: 1_000 });
    expect(moved({ start: 0, end: 5_000 }, 'end', 9_000, 10_000, 5_000)).toEqual({ start: 4_000, end: 9_000 });
  });

  it('is told to the server only where it is not the whole file', () => {
    expect(cutOf({ start: 0, end: 5_000 }, 5_000, false)).toEqual({});
    expect(cutOf({ start: 10, end: 5_000 }, 5_000, true)).toEqual({ start_ms: 10, mute: true });
    expect(cutOf({ start: 0, end: 4_000 }, 5_000, false)).toEqual({ end_ms: 4_000 });
    expect(cutOf(null, 0, true)).toEqual({ mute: true });
  });
});

describe('keys', () => {
  it('move a handle by tenths, seconds and to the ends', () => {
    expect(keyed('ArrowRight', 1_000, 5_000)).toBe(1_100);
    expect(keyed('ArrowDown', 1_000, 5_000)).toBe(900);
    expect(keyed('PageUp', 4_500, 5_000)).toBe(5_000);
    expect(keyed('Home', 4_500, 5_000)).toBe(0);
    expect(keyed('Tab', 4_500, 5_000)).toBeNull();
  });
});

describe('times', () => {
  it('read as on a player', () => {
    expect([clock(0), clock(59_999), clock(61_000), clock(3_140, true), clock(59_990, true)]).toEqual(['0:00', '0:59', '1:01', '0:03.1', '1:00.0']);
  });
});
