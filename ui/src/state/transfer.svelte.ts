/** The running upload as the navigation shows it: 0..1 while bytes or frames move, else null. */
class Transfer {
  progress = $state<number | null>(null);
}

export const transfer = new Transfer();
