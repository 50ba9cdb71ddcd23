import { describe, expect, it } from 'vitest';
import { msOf, problemsOf, row, rowsOf, stamp, webvttOf, wordsAt } from '../../src/pages/cues';

const TEXT = 'WEBVTT\n\n00:00:00.500 --> 00:00:02.000\nBikes &amp; people\n&lt;in town&gt;\n\n01:01:02.250 --> 01:01:03.000\nlater\n';

describe('cues', () => {
  it('come back as they were', () => {
    const rows = rowsOf(TEXT);
    expect(rows.map(({ start, end, words }) => [start, end, words])).toEqual([
      ['0:00.5', '0:02', 'Bikes & people\n<in town>'],
      ['1:01:02.25', '1:01:03', 'later'],
    ]);
    expect(webvttOf(rows)).toBe(TEXT);
  });

  it('have times as people type them', () => {
    for (const [typed, ms] of [['4', 4000], ['4,25', 4250], ['75.5', 75_500], ['1:02', 62_000], ['1:00:00.001', 3_600_001], [' 0:07 ', 7000]] as const)
      expect(msOf(typed)).toBe(ms);
    for (const wrong of ['', 'soon', '-1', '1:2:3:4', '1.2345', '1:', '1e3']) expect(msOf(wrong)).toBeNull();
    for (const ms of [0, 5, 999, 60_000, 61_050, 3_599_999, 3_600_000, 36_061_100]) expect(msOf(stamp(ms))).toBe(ms);
  });

  it('say what is wrong at the field', () => {
    expect(problemsOf(row(0, 1000, 'hello'))).toEqual({});
    expect(problemsOf({ key: 1, start: 'x', end: '', words: ' \n ' })).toEqual({ start: 'time', end: 'time', words: 'empty' });
    expect(problemsOf(row(2000, 2000, 'hello'))).toEqual({ end: 'order' });
  });

  it('never end early by an empty line, and are shown from their start to before their end', () => {
    const rows = [row(0, 1000, 'one\n\n two '), row(1000, 2000, 'three')];
    expect(webvttOf(rows)).toContain('\none\ntwo\n\n');
    expect([wordsAt(rows, 0), wordsAt(rows, 999), wordsAt(rows, 1000), wordsAt(rows, 2000)]).toEqual(['one\ntwo', 'one\ntwo', 'three', '']);
  });
});
