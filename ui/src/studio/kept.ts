/** A recording that has been stopped and not yet arrived on the server: kept in this browser over a reload. */
export interface Kept {
  file: File;
  lengthMs: number;
  madeAt: number;
}

const DATABASE = 'penchant-studio';
const STORE = 'recordings';
const FOR_MS = 7 * 24 * 3_600_000;

/** Keeps the newest one of an account; false where the browser has no room or no database. */
export async function keep(account: string, kept: Kept): Promise<boolean> {
  return within('readwrite', (store) => store.put(kept, account)).then(
    () => true,
    () => false,
  );
}

export async function keptOf(account: string): Promise<Kept | null> {
  const found = await within<Kept | undefined>('readonly', (store) => store.get(account)).catch(() => undefined);
  if (!found) return null;
  if (Date.now() < found.madeAt + FOR_MS) return found;
  await forget(account);
  return null;
}

export async function forget(account: string): Promise<void> {
  await within('readwrite', (store) => store.delete(account)).catch(() => {});
}

async function within<T>(mode: IDBTransactionMode, act: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  const database = await new Promise<IDBDatabase>((resolve, reject) => {
    const opening = indexedDB.open(DATABASE, 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore(STORE);
    opening.onsuccess = () => resolve(opening.result);
    opening.onerror = () => reject(opening.error);
  });
  try {
    return await new Promise<T>((resolve, reject) => {
      const transaction = database.transaction(STORE, mode);
      const asked = act(transaction.objectStore(STORE));
      transaction.oncomplete = () => resolve(asked.result);
      transaction.onabort = transaction.onerror = () => reject(transaction.error);
    });
  } finally {
    database.close();
  }
}
