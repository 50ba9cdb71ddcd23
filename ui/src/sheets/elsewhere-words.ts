import { currentLanguage } from '../messages/index.svelte';
import type { Elsewhere } from '../api/types';

/** Words for where a video comes from: fetched with what shows them, and not before. */
interface ElsewhereWords {
  from: (market: string) => string;
  few: (least: number) => string;
  viewers: (count: string) => string;
  finished: (count: string) => string;
  liked: (count: string) => string;
}

const en: ElsewhereWords = {
  from: (market) => `It comes from the market “${market}”.`,
  few: (least) => `Fewer than ${least} people watched it there, or it was not counted yet.`,
  viewers: (count) => `At least ${count} people watched it there`,
  finished: (count) => `${count} to its end`,
  liked: (count) => `${count} liked it`,
};

const fr: ElsewhereWords = {
  from: (market) => `Elle vient du marché « ${market} ».`,
  few: (least) => `Moins de ${least} personnes l’y ont regardée, ou elle n’a pas encore été comptée.`,
  viewers: (count) => `Au moins ${count} personnes l’y ont regardée`,
  finished: (count) => `${count} jusqu’au bout`,
  liked: (count) => `${count} l’ont aimée`,
};

export function elsewhereWords(said: Elsewhere): string {
  const words = currentLanguage() === 'fr' ? fr : en;
  const whole = (count: number) => count.toLocaleString(currentLanguage());
  const parts = [words.viewers(whole(said.viewers))];
  if (said.finished) parts.push(words.finished(whole(said.finished)));
  if (said.liked) parts.push(words.liked(whole(said.liked)));
  const counted = said.viewers ? `${parts.join(', ')}.` : words.few(said.least);
  return `${words.from(said.market)} ${counted}`;
}
