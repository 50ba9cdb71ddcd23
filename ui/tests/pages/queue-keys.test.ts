import { describe, expect, it } from 'vitest';
import { commandOf } from '../../src/pages/queue-keys';

const press = (key: string, more = {}) => ({ key, ctrlKey: false, metaKey: false, altKey: false, ...more });

describe('commandOf', () => {
  it('knows the keys of the queue', () => {
    expect(commandOf(press('j'), 'BODY')).toEqual({ name: 'next' });
    expect(commandOf(press('r'), 'BUTTON')).toEqual({ name: 'remove' });
    expect(commandOf(press('3'), 'MAIN')).toEqual({ name: 'rule', at: 2 });
    expect(commandOf(press('q'), 'BODY')).toBeNull();
  });

  it('leaves keys to whoever writes, but for the way out', () => {
    for (const within of ['INPUT', 'TEXTAREA', 'SELECT']) {
      for (const key of ['r', '3', 'Enter', '?']) expect(commandOf(press(key), within)).toBeNull();
      expect(commandOf(press('Escape'), within)).toEqual({ name: 'back' });
    }
  });

  it('leaves the browser its own keys', () => {
    expect(commandOf(press('r', { ctrlKey: true }), 'BODY')).toBeNull();
    expect(commandOf(press('c', { metaKey: true }), 'BODY')).toBeNull();
    expect(commandOf(press('Enter'), 'BUTTON')).toBeNull();
    expect(commandOf(press('Enter'), 'MAIN')).toEqual({ name: 'open' });
  });
});
