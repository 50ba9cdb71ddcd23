export const PROFILE = 'penchant.profile';

/** Off: the feed does without a profile, and the server is told nothing of what is watched. */
export const profile = {
  off: localStorage.getItem(PROFILE) === 'off',
  /** What does the server's part then; fetched only where it is needed. */
  unprofiled: () => import('../feed/unprofiled'),
};
