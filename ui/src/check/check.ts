import { profile } from '../state/profile';
import { fromBase64, joined, toBase64, type Bytes } from './bytes';
import { lastKey, lastSeen, remember, rememberKey } from './memory';
import { fingerprint, hasSigned, readCheckpoint, readKey, readProof, type Checkpoint, type Key, type Proof } from './note';
import { readRecord, type PageRecord } from './record';
import { leafHash, partsOf, rootByInclusion, rootsBy, same } from './tree';
import { sha256 } from './sha256';

/** What was checked, in this order. */
export type StepName = 'receipt' | 'included' | 'signed' | 'origin' | 'key' | 'grew' | 'shown';

/** Numbers and names for the sentence of a step. */
export type Given = Partial<Record<'place' | 'size' | 'old' | 'count' | 'fewer', number> & Record<'origin' | 'name' | 'now' | 'before', string>>;

export interface Step {
  name: StepName;
  /** Null: this browser could not find out. */
  holds: boolean | null;
  /** Which sentence says so. */
  says: string;
  given: Given;
}

export interface Outcome {
  steps: Step[];
  /** The receipt as it came, and the log's key. */
  file?: string;
  key?: Key;
  record?: PageRecord;
}

/** A video as it stood on the page. */
export interface Shown {
  slot: number;
  video: { id: string };
}

const PAGE_HEAD = Uint8Array.of(0xa3, 0, 1, 1, 1, 3, 0x58, 32);
const SALT_BYTES = 32;
const MOST_WAITS = 20;
const EXPECTED_WAIT_MS = 1_000;

/** The entry of a page: `{0: 1, 1: 1, 3: SHA-256(salt and record)}` in canonical CBOR. */
export function pageEntry(extra: Bytes): Bytes {
  return joined(PAGE_HEAD, sha256(extra));
}

/** Checks a page by its receipt, here and without asking the server whether it is right. */
export async function check(page: string, shown: readonly Shown[] | null): Promise<Outcome> {
  const outcome: Outcome = { steps: [] };
  const say = (name: StepName, holds: boolean | null, says: string, given: Given = {}) =>
    outcome.steps.push({ name, holds, says, given });

  let proof: Proof;
  let checkpoint: Checkpoint;
  let key: Key;
  try {
    outcome.file = await receipt(page);
    key = outcome.key = readKey(await text('/ledger/key'));
    proof = readProof(outcome.file);
    checkpoint = readCheckpoint(proof.note);
  } catch (failure) {
    const { holds, says } = failure instanceof Refused ? failure : { holds: false, says: 'unreadable' };
    // Of a page that stood in this very tab, nobody may say that there is none.
    if (says === 'notYours' && shown) say('receipt', false, 'denied');
    else say('receipt', holds, says);
    return outcome;
  }
  const { origin, size } = checkpoint;
  say('receipt', true, 'receipt', { place: proof.index });

  const root = rootByInclusion(proof.index, size, leafHash(pageEntry(proof.extra)), proof.path);
  const included = !!root && same(root, checkpoint.root);
  say('included', included, included ? 'included' : 'notIncluded', { place: proof.index, size });

  const signed = await hasSigned(key, checkpoint);
  say('signed', signed, signed ? 'signed' : signed === null ? 'cannotSee' : 'badSignature', { now: fingerprint(key) });
  say('origin', origin === key.name, origin === key.name ? 'origin' : 'otherOrigin', { origin, name: key.name });

  const before = lastKey();
  if (before && before !== key.text) {
    say('key', false, 'otherKey', { now: fingerprint(key), before: fingerprint(readKey(before)) });
  }
  if (included && signed !== false && origin === key.name) {
    const grew = await sinceLastTime(checkpoint);
    outcome.steps.push(grew);
    if (grew.holds) remember(checkpoint);
    rememberKey(key);
  }
  outcome.steps.push(compared(proof.extra.slice(SALT_BYTES), shown, outcome));
  return outcome;
}

/** Whether the record only grew since this browser last looked. */
async function sinceLastTime(now: Checkpoint): Promise<Step> {
  const step = (holds: boolean | null, says: string, old = 0): Step => ({
    name: 'grew',
    holds,
    says,
    given: { old, size: now.size },
  });
  const seen = lastSeen(now.origin);
  if (!seen) return step(true, 'firstTime');
  if (now.size < seen.size) return step(false, 'rewound', seen.size);
  if (now.size === seen.size) {
    return toBase64(now.root) === seen.root ? step(true, 'asBefore', seen.size) : step(false, 'twoViews', seen.size);
  }
  try {
    const [old, root] = await rootsBy(partsOf(now.size, tile), seen.size, now.size);
    const grew = same(old, fromBase64(seen.root)) && same(root, now.root);
    return grew ? step(true, 'grew', seen.size) : step(false, 'forked', seen.size);
  } catch {
    return step(null, 'noTiles', seen.size);
  }
}

/** Whether what was on screen is what the record says. */
function compared(bytes: Bytes, shown: readonly Shown[] | null, outcome: Outcome): Step {
  const step = (holds: boolean | null, says: string, given: Given = {}): Step => ({ name: 'shown', holds, says, given });
  let record: PageRecord;
  try {
    record = outcome.record = readRecord(bytes);
  } catch {
    return step(false, 'noRecord');
  }
  const count = record.slots.length;
  if (!shown) return step(null, 'notHere', { count });
  const fewer = count - shown.length;
  const right = shown.every(({ slot, video }) => record.slots[slot]?.video === video.id);
  if (!right) return step(false, 'otherVideos');
  // Without a profile, this browser itself leaves out what is not wanted.
  if (fewer) return record.mode === 'no_profile' ? step(true, 'leftOut', { count, fewer }) : step(false, 'otherVideos');
  return step(true, 'shown', { count });
}

/** Why there is nothing to check. */
class Refused extends Error {
  constructor(
    readonly holds: false | null,
    readonly says: string,
  ) {
    super(says);
  }
}

async function receipt(page: string): Promise<string> {
  const address = `/api/pages/${encodeURIComponent(page)}/receipt`;
  for (let waits = 0; waits < MOST_WAITS; waits++) {
    const answer = await get(address);
    if (answer.status !== 409) return read(answer);
    const waitMs = Number(answer.headers.get('retry-after')) * 1000 || EXPECTED_WAIT_MS;
    await new Promise((resolve) => setTimeout(resolve, waitMs));
  }
  throw new Refused(false, 'neverLogged');
}

async function text(address: string): Promise<string> {
  return read(await get(address));
}

async function read(answer: Response): Promise<string> {
  if (answer.ok) return answer.text();
  throw answer.status === 404 ? new Refused(null, 'notYours') : new Refused(false, 'noProof');
}

async function tile(path: string): Promise<Bytes | null> {
  const answer = await get(`/ledger/${path}`);
  return answer.ok ? new Uint8Array(await answer.arrayBuffer()) : null;
}

async function get(address: string): Promise<Response> {
  const headers: HeadersInit = profile.off ? { 'penchant-profile': 'none' } : {};
  try {
    return await fetch(address, { credentials: 'same-origin', headers });
  } catch {
    throw new Refused(null, 'unreachable');
  }
}
