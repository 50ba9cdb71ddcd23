import { expect, test } from 'vitest';
import { hex, utf8 } from '../../src/check/bytes';
import { decode } from '../../src/check/cbor';
import { pageEntry } from '../../src/check/check';
import { fingerprint, hasSigned, readCheckpoint, readKey, readProof } from '../../src/check/note';
import { formatId, readRecord } from '../../src/check/record';
import { leafHash, rootByInclusion } from '../../src/check/tree';
import { unhex, VECTORS } from './vectors';

const ours = VECTORS.penchant;

test('checkpoints, published and ours', async () => {
  for (const { note, origin, size, root } of VECTORS.checkpoints) {
    expect(readCheckpoint(note)).toMatchObject({ origin, size, root: unhex(root) });
  }
  const key = readKey(ours.vkey);
  const checkpoint = readCheckpoint(ours.checkpoint);
  expect([hex(checkpoint.root), checkpoint.size]).toEqual([ours.root, ours.entries.length]);
  expect(await hasSigned(key, checkpoint)).toBe(true);
  expect(await hasSigned(key, { ...checkpoint, text: checkpoint.text.replace('12', '13') })).toBe(false);
  expect(await hasSigned({ ...key, id: '00000000' }, checkpoint)).toBe(false);
  expect(fingerprint(key)).toMatch(/^([0-9a-f]{4}\s){3}[0-9a-f]{4}$/);
});

test('a key that was mistyped, and what is no checkpoint', () => {
  expect(() => readKey(ours.vkey.replace('log.', 'lag.'))).toThrow('changed on its way');
  expect(() => readKey('nonsense')).toThrow('no key');
  const [text, signature] = ours.checkpoint.split('\n\n') as [string, string];
  for (const wrong of [text, ours.checkpoint.replace('\n12\n', '\n012\n'), `${text}\n\n${signature.trimEnd()}`]) {
    expect(() => readCheckpoint(wrong)).toThrow();
  }
});

test('a receipt leads to the root', () => {
  const { extra, index, path, note } = readProof(ours.page_receipt);
  const checkpoint = readCheckpoint(note);
  expect(hex(pageEntry(extra))).toBe(ours.entries[index]!.hex);
  const leaf = leafHash(pageEntry(extra));
  expect(hex(leaf)).toBe(ours.entries[index]!.leaf_hash);
  expect(rootByInclusion(index, checkpoint.size, leaf, path)).toEqual(checkpoint.root);
  expect(() => readProof(ours.page_receipt.replace('extra', 'more'))).toThrow('no receipt');
  expect(() => readProof(ours.page_receipt.replace('extra A', 'extra A='))).toThrow();
});

test.each(VECTORS.cbor.good)('cbor $item', ({ item, value }) => {
  const plain = (found: unknown): unknown => {
    if (found instanceof Uint8Array) return { bytes: hex(Uint8Array.from(found)) };
    if (Array.isArray(found)) return found.map(plain);
    return typeof found === 'bigint' ? Number(found) : found;
  };
  expect(plain(decode(unhex(item)))).toEqual(value);
});

test('cbor that ends early, goes on, or holds what no record holds', () => {
  for (const wrong of ['', '18', '4201', '8201', 'a101', '0000', '9fff', 'c000', 'f97e00', 'f7', '9b7fffffffffffffff', '62c328']) {
    expect(() => decode(unhex(wrong)), wrong).toThrow();
  }
});

// Written by `cbor2` in Python, with the ids beside.
const RECORD =
  'ab646d6f6465657461737465646e6f6e65f664736565641b8000000000000001647461696c81246565706f63687061626364656630313233343536' +
  '37383965736c6f7473828401676578706c6f69741a20000000f4840065747269616c1a40000000f5666661696c6564806672656369706567666f72' +
  '2d796f756776657273696f6e066861735f6f665f6d731b000001a0c4506c006a63616e646964617465735005000000000100003930000000000040';

test('a page record', () => {
  const record = unhex(RECORD);
  expect(decode(record)).toMatchObject({ seed: 2n ** 63n + 1n, tail: [-5], failed: [], none: null });
  const { slots, ...rest } = readRecord(record);
  expect(rest).toMatchObject({ recipe: 'for-you', mode: 'taste', epoch: 'abcdef0123456789', candidates: 2 });
  expect(slots).toEqual([
    { video: '4000000000c1s', arm: 'exploit', chance: 0.5 },
    { video: '0000100000005', arm: 'trial', chance: 1 },
  ]);
  expect(() => readRecord(utf8('x'))).toThrow();
});

test('ids', () => {
  expect([formatId(0n), formatId(2n ** 63n - 1n)]).toEqual(['0000000000000', '7zzzzzzzzzzzz']);
});
