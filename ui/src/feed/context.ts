import type { Deck } from './deck.svelte';

/** The feed on screen, for sheets that act on it. */
export const inView: { deck: Deck | null; advance: () => void } = { deck: null, advance: () => {} };
