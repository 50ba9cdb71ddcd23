import { expect, test } from 'vitest';
import '../store';
import type { Video } from '../../src/api/types';
import { isVeiled, unveil } from '../../src/feed/veil';

const warned = (id: string, ...warnings: string[]) => ({ id, warnings }) as Video;

test('what is seen veils, and what is not known; where a video is from does not', () => {
  expect(isVeiled(warned('a'))).toBe(false);
  expect(isVeiled(warned('a', 'synthetic', 'state_media'))).toBe(false);
  expect(isVeiled(warned('a', 'synthetic', 'violence'))).toBe(true);
  expect(isVeiled(warned('a', 'sensitive'))).toBe(true);
  expect(isVeiled(warned('a', 'a_label_of_an_own_policy'))).toBe(true);
});

test('once opened it stays open, and no other', () => {
  unveil(warned('b'));
  expect(isVeiled(warned('b', 'sensitive'))).toBe(false);
  expect(isVeiled(warned('c', 'sensitive'))).toBe(true);
});
