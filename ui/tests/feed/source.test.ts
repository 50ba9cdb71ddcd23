import { describe, expect, it } from 'vitest';
import type { Source } from '../../src/api/types';
import { chooseSource } from '../../src/feed/source';

const source = (name: '480p' | '720p'): Source => ({
  url: `/${name}`,
  name,
  width: 1,
  height: 1,
  size_bytes: 1,
  content_type: 'video/mp4',
});
const good = { shortSidePx: 1_170, saveData: false, slow: false };

describe('chooseSource', () => {
  it('takes 720p where it helps and 480p where it costs', () => {
    const both = [source('480p'), source('720p')];
    expect(chooseSource(both, good)?.name).toBe('720p');
    expect(chooseSource(both, { ...good, shortSidePx: 390 })?.name).toBe('480p');
    expect(chooseSource(both, { ...good, saveData: true })?.name).toBe('480p');
    expect(chooseSource(both, { ...good, slow: true })?.name).toBe('480p');
  });

  it('takes what there is', () => {
    expect(chooseSource([source('480p')], good)?.name).toBe('480p');
    expect(chooseSource([], good)).toBeUndefined();
  });
});
