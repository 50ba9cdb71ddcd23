/** What a key asks the queue to do. */
export type Command =
  | { name: 'next' | 'previous' | 'open' | 'back' | 'mark' | 'claim' | 'show' | 'apply' | 'remove' | 'dismiss' | 'second' | 'help' }
  | { name: 'rule'; at: number };

const NAMES = {
  j: 'next',
  k: 'previous',
  Enter: 'open',
  Escape: 'back',
  x: 'mark',
  c: 'claim',
  v: 'show',
  a: 'apply',
  r: 'remove',
  d: 'dismiss',
  s: 'second',
  '?': 'help',
} as const;

interface Press {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
}

/**
 * The command of a key; none while somebody writes or with a modifier. Enter on a button or link presses that instead.
 * `within`: name of the focused element, in capitals.
 */
export function commandOf(press: Press, within: string): Command | null {
  if (press.ctrlKey || press.metaKey || press.altKey) return null;
  const writing = within === 'INPUT' || within === 'TEXTAREA' || within === 'SELECT';
  if (writing && press.key !== 'Escape') return null;
  if (press.key === 'Enter' && (within === 'BUTTON' || within === 'A' || within === 'SUMMARY')) return null;
  if (/^[1-9]$/.test(press.key)) return { name: 'rule', at: Number(press.key) - 1 };
  const name = NAMES[press.key as keyof typeof NAMES];
  return name ? { name } : null;
}
