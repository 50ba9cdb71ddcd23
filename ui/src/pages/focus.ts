/** For what appears in the place of the button that was pressed: keyboards and screen readers go on there. */
export function takesFocus(node: HTMLElement): void {
  node.focus();
}
