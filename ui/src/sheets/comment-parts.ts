/** A piece of what somebody said, and where it leads. */
export interface Part {
  text: string;
  to?: string;
}

// As community/words.py and pages/hashtags.ts find them.
const NAMED = /(?<![\p{L}\p{N}_@.])@([a-z0-9_]{3,24}(?:\.[a-z][a-z0-9-]{0,30})?)(?![\p{L}\p{N}_])/giu;
const TAG = /(?<![\p{L}\p{N}_])#([\p{L}\p{N}_]{1,40})(?![\p{L}\p{N}_])/gu;

/**
 * What somebody said, with links where it names people and hashtags.
 *
 * Who is meant by a handle the server says: others, and those who are gone, are plain words.
 */
export function partsOf(text: string, mentions: Record<string, string>): Part[] {
  const links: { at: number; length: number; to: string }[] = [];
  for (const found of text.matchAll(NAMED)) {
    const handle = mentions[found[1]!.toLowerCase()];
    if (handle) links.push({ at: found.index, length: found[0].length, to: `/@${handle}` });
  }
  for (const found of text.matchAll(TAG)) {
    const tag = found[1]!.toLowerCase();
    if (/\p{L}/u.test(tag)) links.push({ at: found.index, length: found[0].length, to: `/t/${encodeURIComponent(tag)}` });
  }
  links.sort((one, other) => one.at - other.at);
  const parts: Part[] = [];
  let done = 0;
  for (const { at, length, to } of links) {
    if (at > done) parts.push({ text: text.slice(done, at) });
    parts.push({ text: text.slice(at, at + length), to });
    done = at + length;
  }
  if (done < text.length) parts.push({ text: text.slice(done) });
  return parts;
}
