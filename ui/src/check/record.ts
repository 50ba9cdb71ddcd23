import type { Bytes } from './bytes';
import { decode, type Value } from './cbor';

export interface Slot {
  video: string;
  /** The rule that filled it. */
  arm: string;
  /** With which the draw took this video, of all that were possible. */
  chance: number;
}

/** What people want to know of a page record; all of it is in docs/reference/feed.md. */
export interface PageRecord {
  recipe: string;
  mode: string;
  epoch: string;
  madeAt: Date;
  candidates: number;
  slots: Slot[];
}

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
const LETTERS = 13;

/** An id as people and addresses carry it: Crockford's base 32. */
export function formatId(id: bigint): string {
  return Array.from({ length: LETTERS }, (_, at) => ALPHABET[Number((id >> BigInt(5 * (LETTERS - 1 - at))) & 31n)]).join('');
}

/** Throws where it is no page record. */
export function readRecord(bytes: Bytes): PageRecord {
  const fields = decode(bytes) as { [name: string]: Value };
  const { candidates, slots, recipe, mode, epoch, as_of_ms: madeMs } = fields;
  if (!(candidates instanceof Uint8Array) || !Array.isArray(slots)) throw new SyntaxError('this is no page record');
  const view = new DataView(candidates.buffer, candidates.byteOffset, candidates.byteLength);
  return {
    recipe: String(recipe),
    mode: String(mode),
    epoch: String(epoch),
    madeAt: new Date(Number(madeMs)),
    candidates: candidates.length / 8,
    slots: slots.map((slot) => {
      const [index, arm, propensityQ30] = slot as Value[];
      return {
        video: formatId(view.getBigInt64(Number(index) * 8, true)),
        arm: String(arm),
        chance: Number(propensityQ30) / 2 ** 30,
      };
    }),
  };
}
