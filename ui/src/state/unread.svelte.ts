import { followUnread } from './news';
import { who } from './session.svelte';

let followed = false;

/** Keeps `who.unread` as the server says it, for whoever is signed in, from now on. */
export function follow(): void {
  if (followed) return;
  followed = true;
  $effect.root(() => {
    const account = $derived(who.account?.id);
    $effect(() => {
      if (!account) return;
      followUnread((count) => (who.unread = count));
      return () => {
        who.unread = 0;
        followUnread(null);
      };
    });
  });
}
