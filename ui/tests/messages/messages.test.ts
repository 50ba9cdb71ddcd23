import { describe, expect, it } from 'vitest';
import { en } from '../../src/messages/en';
import { fr } from '../../src/messages/fr';
import { preferredLanguage } from '../../src/messages/index.svelte';

function keys(value: unknown, path = ''): string[] {
  if (typeof value !== 'object' || value === null) return [path];
  return Object.entries(value).flatMap(([key, inner]) => keys(inner, `${path}.${key}`));
}

describe('messages', () => {
  it('says everything in both languages, open lists such as errors too', () => {
    expect(keys(fr).sort()).toEqual(keys(en).sort());
  });

  it('picks the remembered language, else the first that we speak', () => {
    expect(preferredLanguage('fr', ['en-GB'])).toBe('fr');
    expect(preferredLanguage(null, ['de-AT', 'fr-CA', 'en'])).toBe('fr');
    expect(preferredLanguage(null, ['de'])).toBe('en');
    expect(preferredLanguage('xx', [])).toBe('en');
  });
});
