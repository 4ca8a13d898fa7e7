/** A histogram as a blob: class and count in turn, each a varint of seven bits a byte. Pure. */

import type { Histogram } from "../../results/histogram.ts";

export function writeHistogram(histogram: Histogram): Uint8Array {
  const out: number[] = [];
  for (const [step, n] of [...histogram].sort(([a], [b]) => a - b)) {
    put(out, step);
    put(out, n);
  }
  return Uint8Array.from(out);
}

export function readHistogram(blob: Uint8Array): Histogram {
  const histogram: Histogram = new Map();
  eachClass(blob, (step, n) => histogram.set(step, n));
  return histogram;
}

/** Adds a blob to the counts that begin at `offset`. */
export function addHistogram(blob: Uint8Array, counts: Float64Array, offset: number): void {
  eachClass(blob, (step, n) => {
    counts[offset + step]! += n;
  });
}

function eachClass(blob: Uint8Array, tell: (step: number, n: number) => void): void {
  let step = -1;
  let value = 0;
  let scale = 1;
  for (let place = 0; place < blob.length; place++) {
    const byte = blob[place]!;
    value += (byte & 0x7f) * scale;
    scale *= 128;
    if (byte >= 0x80) continue;
    if (step < 0) step = value;
    else {
      tell(step, value);
      step = -1;
    }
    value = 0;
    scale = 1;
  }
}

function put(out: number[], value: number): void {
  let rest = value;
  while (rest >= 0x80) {
    out.push((rest % 128) | 0x80);
    rest = Math.floor(rest / 128);
  }
  out.push(rest);
}
