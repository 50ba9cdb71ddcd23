import { describe, expect, it } from 'vitest';
import { dayOf } from '../../src/pages/security-words';

const HOUR_MS = 3_600_000;
const before = (hours: number) => dayOf(new Date(Date.now() - hours * HOUR_MS).toISOString());

describe('the day of a last use', () => {
  it('is told no finer than it is known', () => {
    expect(before(0)).toBe('today');
    expect(before(23)).toBe('today');
    expect(before(25)).toBe('yesterday');
    expect(before(24 * 9 + 1)).toBe('9 days ago');
  });
});
