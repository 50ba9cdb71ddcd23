import { describe, expect, it } from 'vitest';
import type { InboxEntry } from '../../src/api/types';
import { whatWas, whereTo, whoDid } from '../../src/pages/inbox-words';

const person = (handle: string) => ({ id: handle, handle, name: '' });
const entry = (given: Partial<InboxEntry>): InboxEntry => ({
  id: '1',
  kind: 'like',
  people: [],
  count: 1,
  video: null,
  comment: null,
  said: '',
  decision: null,
  action: null,
  changed_at: '2026-01-01T00:00:00Z',
  unread: true,
  ...given,
});

describe('an entry in words', () => {
  it('names two and counts the others', () => {
    const people = [person('ada'), person('bob')];
    expect(whoDid(entry({ people: people.slice(0, 1) }))).toBe('ada');
    expect(whoDid(entry({ people, count: 2 }))).toBe('ada and bob');
    expect(whoDid(entry({ people, count: 3 }))).toBe('ada, bob and 1 other');
    expect(whoDid(entry({ people, count: 14 }))).toBe('ada, bob and 12 others');
    expect(whoDid(entry({ people, count: 1000 }))).toBe('ada, bob and 999+ others');
  });

  it('says what they did and where it leads', () => {
    expect(whatWas(entry({ kind: 'follow' }))).toBe('follows you');
    expect(whatWas(entry({ kind: 'follow', count: 2 }))).toBe('follow you');
    expect(whatWas(entry({ kind: 'decision', action: 'remove' }))).not.toBe(whatWas(entry({ kind: 'decision', action: 'restore' })));
    expect(whereTo(entry({ kind: 'follow', people: [person('ada')] }))).toBe('/@ada');
    expect(whereTo(entry({ video: { id: 'v1', title: '', poster_url: null } }))).toBe('/v/v1');
    expect(whereTo(entry({ kind: 'video_ready', count: 2 }))).toBe('/me');
  });
});
