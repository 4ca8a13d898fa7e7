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
  const numbers: number[] = [];
  let value = 0;
  let scale = 1;
  for (const byte of blob) {
    value += (byte & 0x7f) * scale;
    scale *= 128;
    if (byte >= 0x80) continue;
    numbers.push(value);
    value = 0;
    scale = 1;
  }
  const histogram: Histogram = new Map();
  for (let place = 0; place < numbers.length; place += 2) histogram.set(numbers[place]!, numbers[place + 1]!);
  return histogram;
}

function put(out: number[], value: number): void {
  let rest = value;
  while (rest >= 0x80) {
    out.push((rest % 128) | 0x80);
    rest = Math.floor(rest / 128);
  }
  out.push(rest);
}
