import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { joined, toBase64, utf8, hex, type Bytes } from '../../src/check/bytes';
import { check, pageEntry, type Shown } from '../../src/check/check';
import { sha256 } from '../../src/check/sha256';
import { leafHash, rootOf, tilePath } from '../../src/check/tree';
import { unhex } from './vectors';

/** A log of some entries and one page, as a server would show it. */
interface Log {
  entries: Bytes[];
  name: string;
  signer: CryptoKeyPair;
}

// {"mode": "taste", "slots": [[0, "exploit", 2^30, false]], "candidates": one id}
const RECORD = unhex('a3646d6f646565746173746565736c6f7473818400676578706c6f69741a40000000f46a63616e64696461746573480500000000010000');
const EXTRA = joined(new Uint8Array(32), RECORD);
const SHOWN: Shown[] = [{ slot: 0, video: { id: '0000100000005' } }];

const files = new Map<string, Bytes | string>();
let busy = 0;

async function log(size: number, seed = 0): Promise<Log> {
  const entries = Array.from({ length: size }, (_, at) => Uint8Array.of(at, seed));
  entries[1] = pageEntry(EXTRA);
  return { entries, name: 'here.penchant/1', signer: await newKey() };
}

async function newKey(): Promise<CryptoKeyPair> {
  return (await crypto.subtle.generateKey('Ed25519', true, ['sign', 'verify'])) as CryptoKeyPair;
}

async function show({ entries, name, signer }: Log, extra = EXTRA): Promise<void> {
  const hashes = entries.map(leafHash);
  const root = rootOf(hashes);
  files.set(`/ledger/${tilePath(0, 0, hashes.length)}`, joined(...hashes));
  const content = joined(Uint8Array.of(1), new Uint8Array(await crypto.subtle.exportKey('raw', signer.publicKey)));
  const id = sha256(joined(utf8(`${name}\n`), content)).slice(0, 4);
  files.set('/ledger/key', `${name}+${hex(id)}+${toBase64(content)}\n`);
  const text = `${name}\n${entries.length}\n${toBase64(root)}\n`;
  const signature = new Uint8Array(await crypto.subtle.sign('Ed25519', signer.privateKey, utf8(text)));
  const note = `${text}\n— ${name} ${toBase64(joined(id, signature))}\n`;
  const path = siblings(1, hashes).map((hash) => `${toBase64(hash)}\n`).join('');
  files.set('/api/pages/p1/receipt', `c2sp.org/tlog-proof@v1\nextra ${toBase64(extra)}\nindex 1\n${path}\n${note}`);
}

/** PATH of RFC 6962, section 2.1.1. */
function siblings(index: number, hashes: Bytes[]): Bytes[] {
  if (hashes.length === 1) return [];
  let cut = 1;
  while (cut * 2 < hashes.length) cut *= 2;
  const [left, right] = [hashes.slice(0, cut), hashes.slice(cut)];
  return index < cut ? [...siblings(index, left), rootOf(right)] : [...siblings(index - cut, right), rootOf(left)];
}

beforeEach(() => {
  localStorage.removeItem('penchant.ledger');
  files.clear();
  vi.stubGlobal('fetch', async (path: string) => {
    if (path.endsWith('receipt') && busy-- > 0) return new Response('', { status: 409, headers: { 'retry-after': '0.01' } });
    const found = files.get(path);
    return found === undefined ? new Response('', { status: 404 }) : new Response(found);
  });
});
afterEach(() => vi.unstubAllGlobals());

async function said(shown: Shown[] | null = SHOWN): Promise<string> {
  const { steps } = await check('p1', shown);
  return steps.map(({ holds, says }) => (holds ? '' : holds === null ? '?' : '!') + says).join(' ');
}

test('all is right, the first time and after', async () => {
  const kept = await log(5);
  busy = 2;
  await show(kept);
  expect(await said()).toBe('receipt included signed origin firstTime shown');
  expect(await said(null)).toBe('receipt included signed origin asBefore ?notHere');
  kept.entries.push(utf8('more'), utf8('and more'));
  await show(kept);
  expect(await said()).toBe('receipt included signed origin grew shown');
});

test('a record that was set back, shown twice, or forked, each time again', async () => {
  const kept = await log(5);
  await show(kept);
  await said();
  await show({ ...kept, entries: kept.entries.slice(0, 4) });
  for (const _ of [1, 2]) expect(await said()).toContain('!rewound');
  await show({ ...kept, entries: [...kept.entries.slice(0, 4), utf8('other')] });
  for (const _ of [1, 2]) expect(await said()).toContain('!twoViews');
  const forked = { ...kept, entries: [...kept.entries.slice(0, 3), utf8('other'), ...kept.entries] };
  await show(forked);
  for (const _ of [1, 2]) expect(await said()).toContain('!forked');
  files.delete(`/ledger/${tilePath(0, 0, forked.entries.length)}`);
  expect(await said()).toContain('?noTiles');
});

test('another record, signature, name or key', async () => {
  const kept = await log(5);
  await show(kept, joined(EXTRA, utf8('.')));
  expect(await said()).toBe('receipt !notIncluded signed origin !noRecord');
  await show(kept);
  const key = files.get('/ledger/key')!;
  await show({ ...kept, signer: await newKey() });
  const other = files.get('/ledger/key')!;
  files.set('/ledger/key', key);
  expect(await said()).toBe('receipt included !badSignature origin shown');
  files.set('/ledger/key', other);
  expect(await said()).toBe('receipt included signed origin firstTime shown');
  await show(kept);
  expect(await said()).toBe('receipt included signed origin !otherKey asBefore shown');
  await show({ ...kept, name: 'there' });
  files.set('/ledger/key', key);
  expect(await said()).toBe('receipt included !badSignature !otherOrigin shown');
});

test('other videos than those that were recorded', async () => {
  await show(await log(5));
  for (const shown of [[{ slot: 0, video: { id: '0000100000006' } }], [], [...SHOWN, { slot: 1, video: { id: 'x' } }]]) {
    expect(await said(shown)).toContain('!otherVideos');
  }
});

test('without a profile, this browser may have left out what is not wanted', async () => {
  const kept = await log(5);
  const taste = '657461737465';
  const extra = joined(new Uint8Array(32), unhex(hex(RECORD).replace(taste, '6a6e6f5f70726f66696c65')));
  kept.entries[1] = pageEntry(extra);
  await show(kept, extra);
  expect(await said([])).toContain('leftOut');
  expect(await said([{ slot: 0, video: { id: 'x' } }])).toContain('!otherVideos');
});

test('nothing to check', async () => {
  expect(await said()).toBe('!denied');
  expect(await said(null)).toBe('?notYours');
  await show(await log(5));
  files.set('/api/pages/p1/receipt', 'nothing');
  expect(await said()).toBe('!unreadable');
  vi.stubGlobal('fetch', async () => new Response('', { status: 503 }));
  expect(await said()).toBe('!noProof');
  vi.stubGlobal('fetch', async () => Promise.reject(new TypeError('no line')));
  expect(await said()).toBe('?unreachable');
});

test('a browser that knows no such signatures shows the rest', async () => {
  await show(await log(5));
  vi.stubGlobal('crypto', {});
  expect(await said()).toBe('receipt included ?cannotSee origin firstTime shown');
});
