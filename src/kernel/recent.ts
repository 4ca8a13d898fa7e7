/** A map that remembers the most recently used and forgets the rest. */

export interface Recent<V, K = string> {
  get(key: K): V | undefined;
  set(key: K, value: V): void;
  delete(key: K): void;
}

export function openRecent<V, K = string>(capacity: number): Recent<V, K> {
  // Two generations instead of an order: a look costs one Map.get, and at most 2 x capacity are held. Dropping the oldest key one by one
  // walks over the graves of a long Map: 9 us a key at 10,000.
  let young = new Map<K, V>();
  let old = new Map<K, V>();

  function set(key: K, value: V): void {
    young.set(key, value);
    if (young.size < capacity) return;
    old = young;
    young = new Map();
  }

  return {
    get(key) {
      const value = young.get(key);
      if (value !== undefined) return value;
      const before = old.get(key);
      if (before !== undefined) set(key, before);
      return before;
    },
    set,
    delete(key) {
      young.delete(key);
      old.delete(key);
    },
  };
}
