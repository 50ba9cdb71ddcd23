import { describe, expect, it } from 'vitest';
import type { Provenance } from '../../src/api/types';
import { sentences } from '../../src/sheets/provenance-words';

const none: Provenance = {
  status: 'absent',
  problem: null,
  ai: false,
  source: null,
  issuer: null,
  generator: null,
  signed_at: null,
  actions: [],
};

describe('what is said of an origin', () => {
  it('names whom somebody vouches for, and says when they say AI', () => {
    const told = sentences({ ...none, status: 'trusted', issuer: 'Test Phones', generator: 'Camera 2', ai: true });
    expect(told[0]).toContain('Test Phones');
    expect(told[1]).toContain('AI');
    expect(told[2]).toContain('Camera 2');
  });

  it('has no name for an unknown issuer but to the creator', () => {
    const everybody = sentences({ ...none, status: 'unknown_issuer' });
    const own = sentences({ ...none, status: 'unknown_issuer', issuer: 'Test Phones' });
    expect(everybody).toHaveLength(1);
    expect(own[0]).toContain('Test Phones');
    expect(own[0]).not.toBe(everybody[0]);
  });

  it('tells apart what does not hold', () => {
    const problems = ['changed', 'altered', 'certificate', 'history', 'unreadable'] as const;
    const told = problems.map((problem) => sentences({ ...none, status: 'broken', problem, issuer: 'False Name' })[0]);
    expect(new Set(told).size).toBe(problems.length);
    expect(told.join()).not.toContain('False Name');
    expect(sentences(none)).not.toEqual(sentences({ ...none, problem: 'elsewhere' }));
  });
});
