import { describe, expect, it, vi } from 'vitest';
import type { EventStore } from '../../src/events/leftovers';
import { EventQueue, type Transport } from '../../src/events/queue';

class MemoryStore implements EventStore {
  kept = new Map<string, string>();
  keys = () => [...this.kept.keys()];
  read = (key: string) => this.kept.get(key) ?? null;
  write = (key: string, value: string) => void this.kept.set(key, value);
  drop = (key: string) => void this.kept.delete(key);
}

interface Batch {
  session: string;
  events: { sequence: number; kind: string; watched_ms?: number }[];
}

function setUp(answers: number[] = [], store = new MemoryStore(), session = 'one') {
  const sent: Batch[] = [];
  const beacons: Batch[] = [];
  const transport: Transport = {
    post: async (body) => {
      sent.push(JSON.parse(body) as Batch);
      return answers.shift() ?? 202;
    },
    beacon: (body) => {
      beacons.push(JSON.parse(body) as Batch);
      return true;
    },
  };
  const queue = new EventQueue(session, transport, store, () => 1_000);
  return { queue, sent, beacons, store };
}

const shown = (video: string) => ({ kind: 'shown', video }) as const;
const watch = (play: number, watched_ms: number) =>
  ({ kind: 'watch', video: 'a', play, watched_ms, duration_ms: 5_000, loops: 0, foreground_ms: watched_ms }) as const;

describe('EventQueue', () => {
  it('numbers events from 1 and forgets them once the server has them', async () => {
    const { queue, sent, store } = setUp();
    queue.add(shown('a'), 'feed', 'token');
    queue.add(shown('b'), 'link', null);
    expect(await queue.flush()).toBe(true);
    expect(sent[0]?.events).toMatchObject([
      { sequence: 1, kind: 'shown', video: 'a', context: 'feed', impression: 'token', at_ms: 1_000 },
      { sequence: 2, video: 'b', context: 'link' },
    ]);
    expect(sent[0]?.events[1]).not.toHaveProperty('impression');
    expect(queue.size).toBe(0);
    expect(store.keys()).toEqual([]);
  });

  it('keeps what was not acknowledged and sends it again under the same numbers', async () => {
    vi.useFakeTimers();
    const { queue, sent } = setUp([0, 503, 202]);
    queue.add(shown('a'), 'feed', null);
    expect(await queue.flush()).toBe(false);
    expect(queue.struggling).toBe(true);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(sent.map((batch) => batch.events.map((event) => event.sequence))).toEqual([[1], [1], [1]]);
    expect(queue.size).toBe(0);
    vi.useRealTimers();
  });

  it('gives up on a batch that can never be accepted, but not on one that came too early', async () => {
    const { queue } = setUp([422]);
    queue.add(shown('a'), 'feed', null);
    expect(await queue.flush()).toBe(true);
    const early = setUp([401, 202]);
    early.queue.add(shown('a'), 'feed', null);
    expect(await early.queue.flush()).toBe(false);
    expect(early.queue.size).toBe(1);
    expect(await early.queue.flush()).toBe(true);
  });

  it('updates a watch that has not left yet and makes a new one after that', async () => {
    const { queue, sent, beacons } = setUp();
    queue.add(watch(1, 1_000), 'feed', null);
    queue.add(watch(1, 2_000), 'feed', null);
    expect(queue.size).toBe(1);
    queue.leave();
    expect(beacons[0]?.events).toMatchObject([{ sequence: 1, watched_ms: 2_000 }]);
    queue.add(watch(1, 3_000), 'feed', null);
    await queue.flush();
    expect(sent[0]?.events).toMatchObject([
      { sequence: 1, watched_ms: 2_000 },
      { sequence: 2, watched_ms: 3_000 },
    ]);
  });

  it('loses nothing in a reload: the next page sends it under the old session', async () => {
    const before = setUp([0]);
    before.queue.add(shown('a'), 'feed', null);
    await before.queue.flush();
    const after = setUp([], before.store, 'two');
    after.queue.add(shown('b'), 'feed', null);
    expect(await after.queue.flush()).toBe(true);
    expect(after.sent).toMatchObject([
      { session: 'one', events: [{ sequence: 1, video: 'a' }] },
      { session: 'two', events: [{ sequence: 1, video: 'b' }] },
    ]);
    expect(after.store.keys()).toEqual([]);
  });

  it('sends many events in several batches and keeps a bounded number', async () => {
    const { queue, sent } = setUp();
    for (let i = 0; i < 450; i++) queue.add(shown(String(i)), 'feed', null);
    expect(queue.size).toBe(400);
    await queue.flush();
    expect(sent.map((batch) => batch.events.length)).toEqual([100, 100, 100, 100]);
  });
});
