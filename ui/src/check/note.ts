import { fromBase64, hex, joined, utf8, type Bytes } from './bytes';
import { sha256 } from './sha256';

/** Signed notes, checkpoints and receipts as C2SP writes them: signed-note, tlog-checkpoint, tlog-proof. */
export interface Key {
  name: string;
  id: string;
  public: Bytes;
  /** As people pass it on: `name+id+key`. */
  text: string;
}

const ED25519 = 1;

export function readKey(text: string): Key {
  const shape = /^([^\s+]+)\+([0-9a-f]{8})\+(\S+)$/.exec(text.trim());
  const content = shape && fromBase64(shape[3]!);
  if (!content || content.length !== 33 || content[0] !== ED25519) throw new SyntaxError('this is no key of a log');
  const [, name, id] = shape as unknown as [string, string, string];
  if (idOf(name, content) !== id) throw new SyntaxError('this key was changed on its way');
  return { name, id, public: content.slice(1), text: text.trim() };
}

function idOf(name: string, content: Bytes): string {
  return hex(sha256(joined(utf8(`${name}\n`), content))).slice(0, 8);
}

/** Short enough to be read to each other. */
export function fingerprint(key: Key): string {
  return hex(sha256(key.public)).slice(0, 16).replace(/.{4}(?=.)/g, '$&\u00a0');
}

export interface Checkpoint {
  /** What is signed. */
  text: string;
  origin: string;
  size: number;
  root: Bytes;
  signatures: { name: string; id: string; signature: Bytes }[];
}

export function readCheckpoint(note: string): Checkpoint {
  const shape = /^(([^\n]+)\n(0|[1-9]\d{0,15})\n([A-Za-z0-9+/]{43}=)\n(?:[^\n]+\n)*)\n((?:— \S+ \S+\n)+)$/.exec(note);
  if (!shape) throw new SyntaxError('this is no signed checkpoint');
  const [, text, origin, size, root, lines] = shape as unknown as [string, string, string, string, string, string];
  const signatures = lines.trimEnd().split('\n').map((line) => {
    const [, name = '', body = ''] = line.split(' ');
    const content = fromBase64(body);
    return { name, id: hex(content.slice(0, 4)), signature: content.slice(4) };
  });
  return { text, origin, size: Number(size), root: fromBase64(root), signatures };
}

/** Whether the key has signed; null where this browser cannot say, or the page is not secure. */
export async function hasSigned(key: Key, checkpoint: Checkpoint): Promise<boolean | null> {
  const found = checkpoint.signatures.find(({ name, id }) => name === key.name && id === key.id);
  if (!found) return false;
  let imported: CryptoKey;
  try {
    imported = await crypto.subtle.importKey('raw', key.public, 'Ed25519', false, ['verify']);
  } catch {
    return null;
  }
  return crypto.subtle.verify('Ed25519', imported, found.signature, utf8(checkpoint.text));
}

export interface Proof {
  /** Of a page: 32 random bytes, and its record. */
  extra: Bytes;
  index: number;
  path: Bytes[];
  note: string;
}

export function readProof(text: string): Proof {
  const shape = /^c2sp\.org\/tlog-proof@v1\nextra (\S+)\nindex (0|[1-9]\d{0,15})\n((?:\S+\n)*)\n([^]*)$/.exec(text);
  if (!shape) throw new SyntaxError('this is no receipt');
  const [, extra, index, path, note] = shape as unknown as [string, string, string, string, string];
  return { extra: fromBase64(extra), index: Number(index), path: path.split('\n').filter(Boolean).map(fromBase64), note };
}
