import { joined, type Bytes } from './bytes';

/**
 * SHA-256, because browsers lend theirs to secure pages only, and a page on a home network is none.
 *
 * Source: FIPS 180-4, sections 4.1.2, 4.2.2, 5.1.1, 5.3.3 and 6.2.2.
 */
const PRIMES = Array.from({ length: 310 }, (_, at) => at + 2).filter((one) => {
  for (let by = 2; by * by <= one; by++) if (one % by === 0) return false;
  return true;
});

const fraction = (root: number) => Math.floor((root % 1) * 2 ** 32) | 0;
const BEGINNING = PRIMES.slice(0, 8).map((prime) => fraction(Math.sqrt(prime)));
const ROUND = PRIMES.map((prime) => fraction(Math.cbrt(prime)));

const turned = (word: number, by: number) => (word >>> by) | (word << (32 - by));

export function sha256(message: Bytes): Bytes {
  const length = new DataView(new ArrayBuffer(8));
  length.setBigUint64(0, BigInt(message.length) * 8n);
  const zeros = new Uint8Array((119 - (message.length % 64)) % 64);
  const padded = new DataView(joined(message, Uint8Array.of(0x80), zeros, new Uint8Array(length.buffer)).buffer);
  const state = Int32Array.from(BEGINNING);
  const words = new Int32Array(64);
  for (let block = 0; block < padded.byteLength; block += 64) {
    for (let at = 0; at < 64; at++) words[at] = at < 16 ? padded.getInt32(block + at * 4) : scheduled(words, at);
    mix(state, words);
  }
  const digest = new DataView(new ArrayBuffer(32));
  state.forEach((word, at) => digest.setInt32(at * 4, word));
  return new Uint8Array(digest.buffer);
}

function scheduled(words: Int32Array, at: number): number {
  const late = words[at - 2]!;
  const early = words[at - 15]!;
  const ofLate = turned(late, 17) ^ turned(late, 19) ^ (late >>> 10);
  const ofEarly = turned(early, 7) ^ turned(early, 18) ^ (early >>> 3);
  return (ofLate + words[at - 7]! + ofEarly + words[at - 16]!) | 0;
}

function mix(state: Int32Array, words: Int32Array): void {
  let [a, b, c, d, e, f, g, h] = state as unknown as [number, number, number, number, number, number, number, number];
  for (let at = 0; at < 64; at++) {
    const chosen = (e & f) ^ (~e & g);
    const first = (h + (turned(e, 6) ^ turned(e, 11) ^ turned(e, 25)) + chosen + ROUND[at]! + words[at]!) | 0;
    const most = (a & b) ^ (a & c) ^ (b & c);
    const second = ((turned(a, 2) ^ turned(a, 13) ^ turned(a, 22)) + most) | 0;
    [h, g, f, e, d, c, b, a] = [g, f, e, (d + first) | 0, c, b, a, (first + second) | 0];
  }
  [a, b, c, d, e, f, g, h].forEach((word, at) => (state[at] = (state[at]! + word) | 0));
}
