/** A bounded fan-out inside the process: publish never waits, a listener that throws is logged and harms nobody. */

export interface Topic<T> {
  publish(value: T): void;
  /** Called on every publish, in order, on the publisher's turn. Returns how to leave. */
  subscribe(listener: (value: T) => void): () => void;
  listeners(): number;
}

export function openTopic<T>(onError: (error: unknown) => void = () => {}): Topic<T> {
  const listeners = new Set<(value: T) => void>();
  return {
    publish(value) {
      for (const listener of listeners) {
        try {
          listener(value);
        } catch (error) {
          onError(error);
        }
      }
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    listeners: () => listeners.size,
  };
}
