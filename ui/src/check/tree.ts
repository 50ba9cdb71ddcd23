import { hex, joined, type Bytes } from './bytes';
import { sha256 } from './sha256';

/** The Merkle tree of RFC 6962, section 2.1: what leads from a leaf to the root, and from an older root to a newer one. */
export function leafHash(entry: Bytes): Bytes {
  return sha256(joined(Uint8Array.of(0), entry));
}

export function nodeHash(left: Bytes, right: Bytes): Bytes {
  return sha256(joined(Uint8Array.of(1), left, right));
}

/** The root over neighbours of one height; the last may stand for a smaller tree. */
export function rootOf(hashes: Bytes[]): Bytes {
  if (!hashes.length) return sha256(new Uint8Array());
  while (hashes.length > 1) {
    const pairs = hashes.filter((_, at) => at % 2 === 0);
    hashes = pairs.map((left, at) => (hashes[at * 2 + 1] ? nodeHash(left, hashes[at * 2 + 1]!) : left));
  }
  return hashes[0]!;
}

/** Where a tree of more than one leaf is cut: at the largest power of two below its size. */
function halfOf(size: number): number {
  let half = 1;
  while (half * 2 < size) half *= 2;
  return half;
}

/** Where a leaf's hash and its path lead; null where the path is not one of this place. Section 2.1.1. */
export function rootByInclusion(index: number, size: number, leaf: Bytes, path: Bytes[]): Bytes | null {
  if (size === 1 && index === 0 && !path.length) return leaf;
  if (!path.length || index < 0 || index >= size || size < 2) return null;
  const half = halfOf(size);
  const sibling = path.at(-1)!;
  const rest = path.slice(0, -1);
  if (index < half) {
    const left = rootByInclusion(index, half, leaf, rest);
    return left && nodeHash(left, sibling);
  }
  const right = rootByInclusion(index - half, size - half, leaf, rest);
  return right && nodeHash(sibling, right);
}

/** The root over the leaves from `start` to before `end`, which the tree is cut into by itself. */
export type Part = (start: number, end: number) => Promise<Bytes>;

/** The roots of a tree when it had `cut` leaves and when it had `end`, by the parts that prove both. Section 2.1.2. */
export async function rootsBy(part: Part, cut: number, end: number, start = 0): Promise<[Bytes, Bytes]> {
  if (cut === end) {
    const both = await part(start, end);
    return [both, both];
  }
  const middle = start + halfOf(end - start);
  if (cut <= middle) {
    const right = await part(middle, end);
    const [old, now] = await rootsBy(part, cut, middle, start);
    return [old, nodeHash(now, right)];
  }
  const left = await part(start, middle);
  const [old, now] = await rootsBy(part, cut, end, middle);
  return [nodeHash(left, old), nodeHash(left, now)];
}

const WIDTH = 256;
const HASH_BYTES = 32;

/** `tile/0/x001/x234/067.p/8`, as in C2SP tlog-tiles. */
export function tilePath(level: number, index: number, width: number): string {
  const groups = [String(index % 1000).padStart(3, '0')];
  for (let rest = Math.floor(index / 1000); rest; rest = Math.floor(rest / 1000)) {
    groups.unshift(`x${String(rest % 1000).padStart(3, '0')}`);
  }
  return `tile/${level}/${groups.join('/')}${width < WIDTH ? `.p/${width}` : ''}`;
}

/** Parts of a tree of `size` leaves from its tiles. `get` answers null where there is no such file. */
export function partsOf(size: number, get: (path: string) => Promise<Bytes | null>): Part {
  async function hashes(level: number, index: number): Promise<Bytes[]> {
    const width = Math.min(WIDTH, Math.floor(size / WIDTH ** level) - index * WIDTH);
    const path = tilePath(level, index, width);
    // A part of a tile may be gone once there is the whole of it.
    const content = (await get(path)) ?? (await get(tilePath(level, index, WIDTH)));
    if (!content || content.length < width * HASH_BYTES) throw new RangeError(`${path} is missing`);
    return Array.from({ length: width }, (_, at) => content.slice(at * HASH_BYTES, (at + 1) * HASH_BYTES));
  }
  return async function part(start, end): Promise<Bytes> {
    const count = end - start;
    const half = count > 1 ? halfOf(count) : 1;
    if (count > 1 && half * 2 !== count) return nodeHash(await part(start, start + half), await part(start + half, end));
    let level = 0;
    while (WIDTH ** (level + 1) <= count) level++;
    const first = start / WIDTH ** level;
    const within = count / WIDTH ** level;
    return rootOf((await hashes(level, Math.floor(first / WIDTH))).slice(first % WIDTH, (first % WIDTH) + within));
  };
}

export function same(one: Bytes, other: Bytes): boolean {
  return hex(one) === hex(other);
}
