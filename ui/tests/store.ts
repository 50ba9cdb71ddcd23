/** What a browser gives every page and Node does not: a store of words by name. */
class Store {
  #kept = new Map<string, string>();

  getItem(name: string): string | null {
    return this.#kept.get(name) ?? null;
  }

  setItem(name: string, value: string): void {
    this.#kept.set(name, value);
  }

  removeItem(name: string): void {
    this.#kept.delete(name);
  }
}

globalThis.localStorage = new Store() as unknown as Storage;
globalThis.sessionStorage = new Store() as unknown as Storage;
globalThis.addEventListener ??= () => {};
