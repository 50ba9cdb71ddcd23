import { describe, expect, it } from 'vitest';
import { Deck } from '../../src/feed/deck.svelte';
import { gate, World } from './world';

const ids = (deck: Deck) => deck.entries.map((entry) => entry.video.id);
const settle = () => new Promise((resolve) => setTimeout(resolve));

describe('Deck', () => {
  it('fills itself and shows every video once, to the end', async () => {
    const deck = new Deck(new World(34));
    await deck.ask();
    const seen: string[] = [];
    while (deck.entry) {
      seen.push(deck.entry.video.id);
      deck.moveTo(deck.current + 1);
      await settle();
    }
    expect(seen).toEqual(Array.from({ length: 34 }, (_, i) => `v${i}`));
    expect(deck.state).toBe('ended');
  });

  it('hands back all that is not near when it hears a like, and keeps the next video', async () => {
    const world = new World(40);
    const deck = new Deck(world);
    await deck.ask();
    deck.moveTo(1);
    deck.hear('like');
    await settle();
    expect(world.asked).toEqual([null, { page: 'p1', slot: 3 }]);
    expect(ids(deck).slice(0, 3)).toEqual(['v0', 'v1', 'v2']);
    expect(new Set(ids(deck)).size).toBe(ids(deck).length);
    expect(deck.entries.slice(3).every((entry) => entry.page === 'p2')).toBe(true);
  });

  it('turns for what the viewer merely did only every couple of swipes', async () => {
    const world = new World(60);
    const deck = new Deck(world);
    await deck.ask();
    for (let i = 1; i <= 4; i++) {
      deck.hear('skip');
      deck.moveTo(i);
      await settle();
    }
    expect(world.asked.length).toBe(3);
  });

  it('keeps what the viewer reached while the answer was on its way', async () => {
    const world = new World(40);
    const deck = new Deck(world);
    await deck.ask();
    const { open, closed } = gate();
    world.hold = closed;
    deck.hear('not_interested');
    deck.moveTo(1);
    deck.moveTo(2);
    open();
    world.hold = null;
    await settle();
    expect(ids(deck).slice(0, 4)).toEqual(['v0', 'v1', 'v2', 'v3']);
    expect(new Set(ids(deck)).size).toBe(ids(deck).length);
  });

  it('takes out what must not come any more, but not what is on screen', async () => {
    const deck = new Deck(new World(20));
    await deck.ask();
    deck.drop((video) => video.id === 'v0' || video.id === 'v1' || video.id === 'v5');
    expect(ids(deck)).toEqual(['v0', 'v2', 'v3', 'v4', 'v6', 'v7', 'v8', 'v9']);
  });

  it('says that it failed only where nothing is left to watch', async () => {
    const deck = new Deck({ page: () => Promise.reject(new Error('line')) });
    await deck.ask();
    expect(deck.state).toBe('failed');
    const world = new World(20);
    const other = new Deck(world);
    await other.ask();
    world.page = () => Promise.reject(new Error('line'));
    other.moveTo(6);
    await settle();
    expect(other.state).toBe('ready');
  });

  it('forgets what lies far behind, and says by how much the places moved', async () => {
    const deck = new Deck(new World(200));
    await deck.ask();
    for (let i = 1; i <= 70; i++) {
      deck.moveTo(i);
      await settle();
    }
    const before = deck.entry?.video.id;
    const cut = deck.trim();
    expect(cut).toBe(50);
    expect(deck.current).toBe(20);
    expect(deck.entry?.video.id).toBe(before);
    expect(deck.trim()).toBe(0);
  });
});
