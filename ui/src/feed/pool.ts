/**
 * A few `<video>` elements that are used again and again.
 *
 * Reuse keeps memory flat, and on phones an element that was once allowed to play with sound
 * stays allowed.
 */
export class VideoPool {
  #idle: HTMLVideoElement[] = [];

  take(): HTMLVideoElement {
    return this.#idle.pop() ?? make();
  }

  give(element: HTMLVideoElement): void {
    element.pause();
    element.removeAttribute('src');
    element.replaceChildren();
    // Without this the browser keeps the connection and the decoded frames of the last source.
    element.load();
    element.remove();
    this.#idle.push(element);
  }
}

function make(): HTMLVideoElement {
  const element = document.createElement('video');
  element.playsInline = true;
  element.loop = true;
  element.preload = 'auto';
  element.disablePictureInPicture = true;
  element.tabIndex = -1;
  element.setAttribute('aria-hidden', 'true');
  return element;
}

export const pool = new VideoPool();
