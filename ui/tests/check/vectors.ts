import { readFileSync } from 'node:fs';
import type { Bytes } from '../../src/check/bytes';

interface Vectors {
  merkle: {
    empty_root: string;
    leaves: string[];
    roots: string[];
    inclusion: { index: number; size: number; path: string[] }[];
    consistency: { old: number; new: number; path: string[] }[];
  };
  tiles: { paths: { index: number; elements: string }[] };
  checkpoints: { origin: string; size: number; root: string; note: string }[];
  cbor: { good: { item: string; value: unknown }[] };
  penchant: {
    vkey: string;
    root: string;
    entries: { hex: string; leaf_hash: string; fields: [number, unknown][] }[];
    checkpoint: string;
    page_receipt: string;
  };
}

/** The same as those of the two implementations in Python. */
export const VECTORS = JSON.parse(
  readFileSync(new URL('../../../tests/ledger/vectors.json', import.meta.url), 'utf8'),
) as Vectors;

export function unhex(text: string): Bytes {
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}
