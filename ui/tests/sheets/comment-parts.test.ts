import { describe, expect, it } from 'vitest';
import { partsOf } from '../../src/sheets/comment-parts';

const links = (text: string, mentions: Record<string, string> = {}) =>
  partsOf(text, mentions)
    .filter(({ to }) => to)
    .map(({ text, to }) => [text, to]);

describe('partsOf', () => {
  it('keeps every letter, whatever leads somewhere', () => {
    for (const text of ['', 'hello', '@ada', 'to @ada, #sea and #vague-déferlante.\n@bob', '#a#b @@ada #', '<b>@ada</b>']) {
      expect(
        partsOf(text, { ada: 'ada', bob: 'bob' })
          .map((part) => part.text)
          .join(''),
      ).toBe(text);
    }
  });

  it('links whom the server knows, as they are called now, and nobody else', () => {
    expect(links('@Ada and @bob', { ada: 'ada_new' })).toEqual([['@Ada', '/@ada_new']]);
    expect(links('mail@ada.org @adaé x@ada', { ada: 'ada' })).toEqual([]);
    expect(links('@ada.us, @ada.', { 'ada.us': 'ada.us', ada: 'ada' })).toEqual([
      ['@ada.us', '/@ada.us'],
      ['@ada', '/@ada'],
    ]);
  });

  it('links hashtags in small letters, but no numbers', () => {
    expect(links('#Sea #vagueÉté #1 #a_1')).toEqual([
      ['#Sea', '/t/sea'],
      ['#vagueÉté', `/t/${encodeURIComponent('vagueété')}`],
      ['#a_1', '/t/a_1'],
    ]);
    expect(links('a#sea ##sea')).toEqual([['#sea', '/t/sea']]);
  });
});
