import type { Bytes } from './bytes';

/** What a page record is made of. Whole numbers of eight bytes are bigints, all others numbers. */
export type Value = number | bigint | boolean | null | string | Bytes | Value[] | { [name: string]: Value };

/** Reads CBOR (RFC 8949) of integers, bytes, texts, arrays, maps, booleans and null; nothing indefinite, no floats. */
export function decode(bytes: Bytes): Value {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;

  function number(short: number): number | bigint {
    if (short < 24) return short;
    if (short > 27) throw new SyntaxError('an indefinite length');
    const size = 2 ** (short - 24);
    at += size;
    if (size === 1) return view.getUint8(at - 1);
    if (size === 2) return view.getUint16(at - 2);
    return size === 4 ? view.getUint32(at - 4) : view.getBigUint64(at - 8);
  }

  function take(count: number): Bytes {
    if (count > bytes.length - at) throw new SyntaxError('it ends early');
    at += count;
    return bytes.slice(at - count, at);
  }

  function simple(short: number): boolean | null {
    if (short === 22) return null;
    if (short !== 20 && short !== 21) throw new SyntaxError('a value that no record holds');
    return short === 21;
  }

  function value(): Value {
    const first = view.getUint8(at++);
    const major = first >> 5;
    if (major === 7) return simple(first & 31);
    const found = number(first & 31);
    const count = Number(found);
    if (major === 0) return found;
    if (major === 1) return typeof found === 'bigint' ? -1n - found : -1 - found;
    if (major === 2) return take(count);
    if (major === 3) return new TextDecoder('utf-8', { fatal: true }).decode(take(count));
    if (count > bytes.length - at || major === 6) throw new SyntaxError('it ends early, or has a tag');
    if (major === 4) return Array.from({ length: count }, value);
    return Object.fromEntries(Array.from({ length: count }, () => [String(value()), value()]));
  }

  const found = value();
  if (at !== bytes.length) throw new SyntaxError('something follows');
  return found;
}
