import { describe, expect, it } from 'vitest';
import type { Source } from '../../src/api/types';
import { chooseSource } from '../../src/feed/source';

const source = (side: 480 | 720 | 1080, size_bytes = 1): Source => ({
  url: `/${side}p`,
  name: `${side}p`,
  width: side,
  height: (side * 16) / 9,
  size_bytes,
  content_type: 'video/mp4',
});
const good = { shortSidePx: 1_170, saveData: false, slow: false };
const TEN_S = 10_000;

describe('chooseSource', () => {
  const all = [source(480), source(720), source(1080)];

  it('takes the smallest that fills the stage', () => {
    expect(chooseSource(all, good, TEN_S)?.name).toBe('1080p');
    expect(chooseSource(all, { ...good, shortSidePx: 1_000 }, TEN_S)?.name).toBe('720p');
    expect(chooseSource(all, { ...good, shortSidePx: 390 }, TEN_S)?.name).toBe('480p');
    expect(chooseSource(all, { ...good, shortSidePx: 3_000 }, TEN_S)?.name).toBe('1080p');
  });

  it('takes what the line carries', () => {
    expect(chooseSource(all, { ...good, saveData: true }, TEN_S)?.name).toBe('480p');
    expect(chooseSource(all, { ...good, slow: true }, TEN_S)?.name).toBe('480p');
    // 1, 2 and 4 Mbit/s.
    const heavy = [source(480, 1_250_000), source(720, 2_500_000), source(1080, 5_000_000)];
    expect(chooseSource(heavy, { ...good, downlinkMbit: 10 }, TEN_S)?.name).toBe('1080p');
    expect(chooseSource(heavy, { ...good, downlinkMbit: 5 }, TEN_S)?.name).toBe('720p');
    expect(chooseSource(heavy, { ...good, downlinkMbit: 1 }, TEN_S)?.name).toBe('480p');
  });

  it('takes what there is', () => {
    expect(chooseSource([source(480)], good, TEN_S)?.name).toBe('480p');
    expect(chooseSource([], good, TEN_S)).toBeUndefined();
  });
});
