/** Whether there is room for the creator and comments beside the video. */
const query = matchMedia('(min-width: 1180px) and (min-height: 480px)');

class Screen {
  wide = $state(query.matches);

  constructor() {
    query.addEventListener('change', () => (this.wide = query.matches));
  }
}

export const screen = new Screen();
