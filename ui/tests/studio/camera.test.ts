import { describe, expect, it } from 'vitest';
import { recordingFormat, troubleOf } from '../../src/studio/camera';

describe('the format of a recording', () => {
  it('is MP4 where the browser can, WebM where not, and the browser’s own choice at last', () => {
    expect(recordingFormat(() => true)).toMatch(/^video\/mp4/);
    expect(recordingFormat((type) => type.startsWith('video/webm'))).toBe('video/webm;codecs=vp9,opus');
    expect(recordingFormat(() => false)).toBe('');
  });
});

describe('a camera that does not start', () => {
  it('has a reason that there are words for', () => {
    const named = (name: string) => troubleOf(new DOMException('', name));
    expect(named('NotAllowedError')).toBe('refused');
    expect(named('NotFoundError')).toBe('none');
    expect(named('NotReadableError')).toBe('busy');
    expect(troubleOf(new TypeError())).toBe('failed');
  });
});
