const KEY = 'penchant.searches';
const MOST = 8;

/** What was looked for on this device, the last first. It never leaves it. */
export function recentSearches(): string[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? '[]');
    return Array.isArray(kept) ? kept.filter((words) => typeof words === 'string').slice(0, MOST) : [];
  } catch {
    return [];
  }
}

export function keepSearch(words: string): string[] {
  return keep([words, ...recentSearches().filter((other) => other !== words)]);
}

export function forgetSearch(words: string): string[] {
  return keep(recentSearches().filter((other) => other !== words));
}

export function forgetSearches(): string[] {
  return keep([]);
}

function keep(list: string[]): string[] {
  const kept = list.slice(0, MOST);
  if (kept.length) localStorage.setItem(KEY, JSON.stringify(kept));
  else localStorage.removeItem(KEY);
  return kept;
}
