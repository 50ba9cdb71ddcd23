import { describe, expect, it, vi } from 'vitest';

vi.stubGlobal('location', { pathname: '/' });
vi.stubGlobal('addEventListener', () => {});
const { placeOf } = await import('../../src/place/router.svelte');

describe('placeOf', () => {
  it('knows every address that the server answers with the shell', () => {
    expect(placeOf('/')).toEqual({ name: 'feed' });
    expect(placeOf('/v/0abc')).toEqual({ name: 'video', id: '0abc' });
    expect(placeOf('/embed/0abc')).toEqual({ name: 'embed', id: '0abc' });
    expect(placeOf('/@ada')).toEqual({ name: 'profile', handle: 'ada' });
    for (const name of ['upload', 'me', 'sign-in', 'sign-up', 'reset', 'admin', 'market', 'inbox']) expect(placeOf(`/${name}`)).toEqual({ name });
    expect(placeOf('/nowhere')).toEqual({ name: 'lost' });
    expect(placeOf('/@')).toEqual({ name: 'lost' });
  });
});
