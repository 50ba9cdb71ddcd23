/** One cue as it is edited: times as they are typed. */
export interface Row {
  key: number;
  start: string;
  end: string;
  words: string;
}

/** What is wrong with a row, by field. */
export interface Problems {
  start?: 'time';
  end?: 'time' | 'order';
  words?: 'empty';
}

let keys = 0;

export function row(startMs: number, endMs: number, words: string): Row {
  return { key: (keys += 1), start: stamp(startMs), end: stamp(endMs), words };
}

/** Rows of the WebVTT that the server writes: times and words, nothing else. */
export function rowsOf(webvtt: string): Row[] {
  return webvtt
    .trim()
    .split(/\n{2,}/)
    .slice(1)
    .map((block) => {
      const [times = '', ...lines] = block.split('\n');
      const [start = '', end = ''] = times.split(' --> ');
      return row(msOf(start) ?? 0, msOf(end) ?? 0, unescaped(lines.join('\n')));
    });
}

/** Rows without problems as WebVTT. */
export function webvttOf(rows: Row[]): string {
  const blocks = rows.map(({ start, end, words }) => `${full(start)} --> ${full(end)}\n${escaped(wordsOf(words))}`);
  return ['WEBVTT', ...blocks].join('\n\n') + '\n';
}

/** As people write it: 0:04.5, 1:02, 1:00:00.25. */
export function stamp(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const parts = [Math.floor(seconds / 60) % 60, String(seconds % 60).padStart(2, '0')];
  if (seconds >= 3600) parts.unshift(Math.floor(seconds / 3600), String(parts.shift()).padStart(2, '0'));
  const rest = String(Math.round(ms % 1000)).padStart(3, '0').replace(/0+$/, '');
  return parts.join(':') + (rest && `.${rest}`);
}

/** Milliseconds of what was typed: seconds, minutes and seconds, or hours too; null where it is no time. */
export function msOf(typed: string): number | null {
  const parts = typed.trim().replace(',', '.').split(':');
  if (parts.length > 3 || !parts.every((part, at) => (at === parts.length - 1 ? /^\d{1,4}(\.\d{1,3})?$/ : /^\d{1,3}$/).test(part))) return null;
  return Math.round(1000 * parts.reduce((sum, part) => 60 * sum + Number(part), 0));
}

export function problemsOf({ start, end, words }: Row): Problems {
  const [from, to] = [msOf(start), msOf(end)];
  const problems: Problems = {};
  if (from === null) problems.start = 'time';
  if (to === null) problems.end = 'time';
  else if (from !== null && to <= from) problems.end = 'order';
  if (!wordsOf(words)) problems.words = 'empty';
  return problems;
}

/** What is said at a moment, of rows that may still be wrong. */
export function wordsAt(rows: Row[], ms: number): string {
  return rows
    .filter(({ start, end }) => (msOf(start) ?? Infinity) <= ms && ms < (msOf(end) ?? 0))
    .map(({ words }) => wordsOf(words))
    .join('\n');
}

/** Without empty lines: one would end a cue. */
function wordsOf(typed: string): string {
  return typed
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean)
    .join('\n');
}

function full(typed: string): string {
  const ms = msOf(typed) ?? 0;
  const two = (value: number) => String(Math.floor(value)).padStart(2, '0');
  return `${two(ms / 3_600_000)}:${two((ms / 60_000) % 60)}:${two((ms / 1000) % 60)}.${String(ms % 1000).padStart(3, '0')}`;
}

const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
const unescaped = (text: string) => text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
