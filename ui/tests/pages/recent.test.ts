import { beforeEach, describe, expect, it } from 'vitest';
import { forgetSearch, forgetSearches, keepSearch, recentSearches } from '../../src/pages/recent';

beforeEach(() => localStorage.removeItem('penchant.searches'));

describe('recent searches', () => {
  it('keeps the last first, each once, and no more than eight', () => {
    for (let number = 0; number < 10; number += 1) keepSearch(`sea ${number}`);
    expect(keepSearch('sea 5')).toEqual(['sea 5', ...[9, 8, 7, 6, 4, 3, 2].map((number) => `sea ${number}`)]);
    expect(recentSearches()).toHaveLength(8);
  });

  it('forgets one or all, and leaves nothing behind', () => {
    keepSearch('sea');
    keepSearch('sun');
    expect(forgetSearch('sea')).toEqual(['sun']);
    expect(forgetSearches()).toEqual([]);
    expect(localStorage.getItem('penchant.searches')).toBeNull();
  });

  it('starts anew where what is kept cannot be read', () => {
    localStorage.setItem('penchant.searches', '{"no": 1');
    expect(recentSearches()).toEqual([]);
    localStorage.setItem('penchant.searches', '[1, "sea"]');
    expect(recentSearches()).toEqual(['sea']);
  });
});
