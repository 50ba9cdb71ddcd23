import type { Named } from '../api/types';
import { controlWords } from './control-words';

/** What to call something on a list; also where it is not there any more. */
export function nameOf(what: Named): string {
  const words = controlWords();
  if (what.target === 'hashtag') return `#${what.id}`;
  if (what.name === null) return words.gone[what.target];
  if (what.target === 'creator') return `@${what.handle}`;
  return what.name || (what.target === 'sound' ? words.sound : `@${what.handle}`);
}
