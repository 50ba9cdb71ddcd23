import { describe, expect, it } from 'vitest';
import { outcomeOf, TurnPolicy } from '../../src/feed/turn';

describe('TurnPolicy', () => {
  it('acts at once on what is said and with patience on what is done', () => {
    const policy = new TurnPolicy();
    expect(policy.hear('skip')).toBe(true);
    policy.turned();
    expect(policy.hear('skip')).toBe(false);
    expect(policy.due).toBe(false);
    policy.swiped();
    policy.swiped();
    expect(policy.due).toBe(true);
    policy.turned();
    expect(policy.hear('like')).toBe(true);
  });
});

describe('outcomeOf', () => {
  it('tells a finish from a skip from neither', () => {
    expect(outcomeOf(0.9, 5_000)).toBe('finish');
    expect(outcomeOf(0.1, 800)).toBe('skip');
    expect(outcomeOf(0.6, 1_500)).toBe(null);
    expect(outcomeOf(0.3, 4_000)).toBe(null);
  });
});
