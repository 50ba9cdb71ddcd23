/** `#tags` of a title, without the sign, each once. */
export function hashtagsIn(title: string): string[] {
  const found = title.matchAll(/(?:^|[^\p{L}\p{N}_])#([\p{L}\p{N}_]+)/gu);
  return [...new Set(Array.from(found, (match) => match[1]!.toLowerCase()))];
}
