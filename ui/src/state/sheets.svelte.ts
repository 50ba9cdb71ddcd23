import type { ReportKind } from '../api/types';
import type { Entry } from '../feed/entry.svelte';

export type SheetPlace =
  | { name: 'comments'; entry: Entry }
  | { name: 'why'; entry: Entry }
  | { name: 'more'; entry: Entry }
  | { name: 'report'; kind: ReportKind; target: string }
  | { name: 'account' };

/** The one sheet that is open, if any. */
class Sheets {
  open = $state.raw<SheetPlace | null>(null);

  show(place: SheetPlace): void {
    this.open = place;
  }

  close(): void {
    this.open = null;
  }
}

export const sheets = new Sheets();
