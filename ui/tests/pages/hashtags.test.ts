import { describe, expect, it } from 'vitest';
import { hashtagsIn } from '../../src/pages/hashtags';

describe('hashtagsIn', () => {
  it('finds each tag once, in any script', () => {
    expect(hashtagsIn('Au lac #Été #été #km_2 c#sharp #')).toEqual(['été', 'km_2']);
    expect(hashtagsIn('none')).toEqual([]);
  });
});
