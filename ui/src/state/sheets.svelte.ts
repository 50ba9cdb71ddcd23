import type { Component } from 'svelte';
import type { ReportKind } from '../api/types';
import type { Entry } from '../feed/entry.svelte';

export type SheetPlace =
  | { name: 'comments'; entry: Entry }
  | { name: 'why'; entry: Entry }
  | { name: 'check'; entry: Entry }
  | { name: 'more' | 'share'; entry: Entry }
  | { name: 'notes'; entry: Entry }
  | { name: 'report'; kind: ReportKind; target: string }
  | { name: 'account' };

/** The one sheet that is open, if any. */
class Sheets {
  open = $state.raw<SheetPlace | null>(null);
  /** What stands under a caption where there is a note; there once the sheets are fetched. */
  line = $state.raw<Component<{ entry: Entry }>>();

  show(place: SheetPlace): void {
    this.open = place;
  }

  close(): void {
    this.open = null;
  }
}

export const sheets = new Sheets();
