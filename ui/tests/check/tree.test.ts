import { expect, test } from 'vitest';
import { hex, toBase64, type Bytes } from '../../src/check/bytes';
import { sha256 } from '../../src/check/sha256';
import { leafHash, nodeHash, partsOf, rootByInclusion, rootOf, rootsBy, tilePath } from '../../src/check/tree';
import { unhex, VECTORS } from './vectors';

const { merkle, tiles } = VECTORS;
const leaves = merkle.leaves.map(unhex);

test('sha-256 of every length around a block is what Node says', async () => {
  for (const length of [0, 1, 31, 55, 56, 63, 64, 65, 119, 120, 1000]) {
    const message = Uint8Array.from({ length }, (_, at) => (at * 7) % 256);
    expect(hex(sha256(message))).toBe(hex(new Uint8Array(await crypto.subtle.digest('SHA-256', message))));
  }
});

test('roots', () => {
  const hashes = leaves.map(leafHash);
  expect(hex(rootOf([]))).toBe(merkle.empty_root);
  expect(merkle.roots.map((_, at) => hex(rootOf(hashes.slice(0, at + 1))))).toEqual(merkle.roots);
});

test.each(merkle.inclusion)('leaf $index of $size', ({ index, size, path }) => {
  const leaf = leafHash(leaves[index]!);
  const siblings = path.map(unhex);
  expect(hex(rootByInclusion(index, size, leaf, siblings)!)).toBe(merkle.roots[size - 1]);
  expect(rootByInclusion(index, size, leaf, [...siblings, leaf])).toBeNull();
  expect(rootByInclusion(size, size, leaf, siblings)).toBeNull();
});

test.each(merkle.consistency)('from $old to $new', async ({ old, new: size, path }) => {
  // The path names the parts from the lowest up; they are asked for from the top down.
  const left = path.map(unhex);
  const part = async (start: number, end: number) => (start === 0 && end === old ? unhex(merkle.roots[old - 1]!) : left.pop()!);
  const [before, now] = await rootsBy(part, old, size);
  expect([hex(before), hex(now), left]).toEqual([merkle.roots[old - 1], merkle.roots[size - 1], []]);
});

test('where tiles lie', () => {
  for (const { index, elements } of tiles.paths) expect(tilePath(0, index, 256)).toBe(`tile/0/${elements}`);
  expect(tilePath(2, 1234067, 8)).toBe('tile/2/x001/x234/067.p/8');
});

test('any tree grew from any earlier one, by its tiles', async () => {
  const hashes = Array.from({ length: 70_000 }, (_, at) => leafHash(Uint8Array.of(at % 256, at >> 8, at >> 16)));
  const levels = [hashes];
  while (levels.at(-1)!.length >= 256) levels.push(whole(levels.at(-1)!));
  const size = hashes.length;
  const files = new Map<string, Bytes>();
  levels.forEach((row, level) => {
    for (let index = 0; index * 256 < row.length; index++) {
      const tile = row.slice(index * 256, index * 256 + 256);
      files.set(tilePath(level, index, tile.length), Uint8Array.from(tile.flatMap((hash) => [...hash])));
    }
  });
  // Over the roots of whole tiles and of what is left: the last of them may stand for a smaller tree.
  const rootAt = (count: number) => {
    const rest = count % 256 ? [rootOf(hashes.slice(count - (count % 256), count))] : [];
    return toBase64(rootOf([...levels[1]!.slice(0, count >> 8), ...rest]));
  };
  const asked: string[] = [];
  const part = partsOf(size, async (path) => (asked.push(path), files.get(path) ?? null));
  for (const old of [1, 2, 255, 256, 257, 1000, 65_535, 65_536, 65_537, 69_999]) {
    const [before, now] = await rootsBy(part, old, size);
    expect([toBase64(before), toBase64(now)], String(old)).toEqual([rootAt(old), rootAt(size)]);
  }
  expect(asked.every((path) => files.has(path))).toBe(true);
  await expect(rootsBy(partsOf(size, async () => null), 3, size)).rejects.toThrow('is missing');
});

function whole(row: Bytes[]): Bytes[] {
  return Array.from({ length: Math.floor(row.length / 256) }, (_, at) => rootOf(row.slice(at * 256, at * 256 + 256)));
}

test('an odd one goes up as it is', () => {
  const [a, b, c] = leaves.slice(0, 3).map(leafHash) as [Bytes, Bytes, Bytes];
  expect(rootOf([a, b, c])).toEqual(nodeHash(nodeHash(a, b), c));
});
