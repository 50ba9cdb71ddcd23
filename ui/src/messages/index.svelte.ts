import { Refusal } from '../api/client';
import type { Messages } from './en';

export type { Messages };
export const LANGUAGES = { en: 'English', fr: 'Français' } as const;
export type Language = keyof typeof LANGUAGES;

const KEY = 'penchant.language';
const loaders: Record<Language, () => Promise<Messages>> = {
  en: () => import('./en').then((file) => file.en),
  fr: () => import('./fr').then((file) => file.fr),
};

let messages = $state.raw<Messages>();
let language = $state<Language>('en');

/** The sentences of the language in use. Reading it in a component follows a change of language. */
export function t(): Messages {
  return messages!;
}

export function currentLanguage(): Language {
  return language;
}

/** The remembered language, else the first one of the browser that we speak, else English. */
export function preferredLanguage(kept: string | null, wanted: readonly string[]): Language {
  for (const tag of [kept, ...wanted]) {
    const short = tag?.slice(0, 2).toLowerCase();
    if (short && short in LANGUAGES) return short as Language;
  }
  return 'en';
}

export async function speak(wanted?: Language): Promise<void> {
  const picked = wanted ?? preferredLanguage(localStorage.getItem(KEY), navigator.languages);
  messages = await loaders[picked]();
  language = picked;
  document.documentElement.lang = picked;
  if (wanted) localStorage.setItem(KEY, wanted);
}

/** Words for a failure, never a bare code. */
export function wordsFor(failure: unknown): string {
  if (!(failure instanceof Refusal)) return t().errors.unknown ?? '';
  const own = t().errors[failure.code];
  return own ?? (failure.message || t().errors[failure.status >= 500 ? 'unavailable' : 'unknown'] || '');
}

export function compact(value: number): string {
  return new Intl.NumberFormat(language, { notation: 'compact', maximumFractionDigits: 1 }).format(value);
}

export function decimal(value: number): string {
  return new Intl.NumberFormat(language, { maximumSignificantDigits: 3 }).format(value);
}

export function percent(share: number): string {
  return new Intl.NumberFormat(language, { style: 'percent', maximumSignificantDigits: 2 }).format(share);
}

export function moment(rfc3339: string): string {
  return new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(rfc3339));
}

const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
];

export function ago(rfc3339: string, now = Date.now()): string {
  const seconds = (now - Date.parse(rfc3339)) / 1000;
  const format = new Intl.RelativeTimeFormat(language, { numeric: 'auto', style: 'short' });
  for (const [unit, size] of STEPS) if (seconds >= size) return format.format(-Math.floor(seconds / size), unit);
  return format.format(0, 'second');
}
