const MUTED = 'penchant.muted';
const CAPTIONS = 'penchant.captions';
const NOTED_INSECURE = 'penchant.noted-insecure';

/** What this browser remembers about how to play. */
class Preferences {
  /** The viewer's wish. Sound starts off, because nobody likes to be shouted at. */
  muted = $state(localStorage.getItem(MUTED) !== 'no');
  /** The browser refused sound before the first touch; the wish is kept. */
  soundHeldBack = $state(false);
  /** On until somebody wants none: sound starts off, so words are what there is. */
  captions = $state(localStorage.getItem(CAPTIONS) !== 'no');
  insecureNoted = $state(sessionStorage.getItem(NOTED_INSECURE) === 'yes');

  get silent(): boolean {
    return this.muted || this.soundHeldBack;
  }

  toggleSound(): void {
    this.muted = !this.silent;
    this.soundHeldBack = false;
    localStorage.setItem(MUTED, this.muted ? 'yes' : 'no');
  }

  toggleCaptions(): void {
    this.captions = !this.captions;
    localStorage.setItem(CAPTIONS, this.captions ? 'yes' : 'no');
  }

  noteInsecure(): void {
    this.insecureNoted = true;
    sessionStorage.setItem(NOTED_INSECURE, 'yes');
  }
}

export const preferences = new Preferences();

const still = matchMedia('(prefers-reduced-motion: reduce)');
export function motionReduced(): boolean {
  return still.matches;
}
