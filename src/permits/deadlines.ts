/** Many deadlines on one timer: a heap by due time. What is over before its time is swept out when it makes up half of the heap. */

/** Calls back after so many ms; returns how to call it off. setTimeout, or a test's hand. */
export type After = (ms: number, run: () => void) => () => void;

/** setTimeout with what the queue needs of it: whole ms, never early, and a look at least once a minute (a suspended machine stops it). */
export const afterTimeout: After = (ms, run) => {
  const timer = setTimeout(run, Math.min(60_000, Math.ceil(ms)));
  return () => clearTimeout(timer);
};

export interface Deadline {
  dueMs: number;
  /** Nobody waits for it any more. */
  over: boolean;
}

export interface Deadlines<T extends Deadline> {
  add(item: T): void;
  /** One item less to wait for. */
  ended(): void;
  clear(): void;
}

export function openDeadlines<T extends Deadline>(now: () => number, after: After, expire: (item: T) => void): Deadlines<T> {
  let heap: T[] = [];
  let over = 0;
  let armedFor = Number.POSITIVE_INFINITY;
  let disarm = () => {};

  function arm(): void {
    const due = heap[0]?.dueMs ?? Number.POSITIVE_INFINITY;
    if (due === armedFor) return;
    disarm();
    disarm = () => {};
    armedFor = due;
    if (due !== Number.POSITIVE_INFINITY) disarm = after(Math.max(0, due - now()), ring);
  }

  function ring(): void {
    armedFor = Number.POSITIVE_INFINITY;
    while (heap.length > 0 && (heap[0]!.over || heap[0]!.dueMs <= now())) {
      const item = pop();
      if (!item.over) expire(item);
      over = Math.max(0, over - 1);
    }
    arm();
  }

  function push(item: T): void {
    let at = heap.length;
    heap.push(item);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (heap[parent]!.dueMs <= item.dueMs) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = item;
  }

  function pop(): T {
    const first = heap[0]!;
    const last = heap.pop()!;
    if (heap.length === 0) return first;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && heap[child + 1]!.dueMs < heap[child]!.dueMs) child++;
      if (heap[child]!.dueMs >= last.dueMs) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = last;
    return first;
  }

  return {
    add(item) {
      push(item);
      arm();
    },
    ended() {
      over++;
      while (heap[0]?.over) {
        pop();
        over = Math.max(0, over - 1);
      }
      if (over >= 64 && over * 2 >= heap.length) {
        const alive = heap.filter((item) => !item.over);
        heap = [];
        over = 0;
        for (const item of alive) push(item);
      }
      arm();
    },
    clear() {
      heap = [];
      over = 0;
      arm();
    },
  };
}
