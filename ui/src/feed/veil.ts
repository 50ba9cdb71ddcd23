import type { Video } from '../api/types';

/** What is said of where a video is from. Every other warning is of what is seen, those of an own policy too. */
const OF_ORIGIN = ['synthetic', 'state_media'];
const KEY = 'penchant.unveiled.';

/** Whether a video waits until somebody wants to see it. */
export function isVeiled({ id, warnings }: Video): boolean {
  return warnings.some((warning) => !OF_ORIGIN.includes(warning)) && !sessionStorage.getItem(KEY + id);
}

/** For as long as the tab is open. */
export function unveil({ id }: Video): void {
  sessionStorage.setItem(KEY + id, '1');
}
