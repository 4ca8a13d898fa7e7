/** The rows as a table for people: case, ours, limit or peer, ratio, target, met or not; notes below. Pure. */

import type { Row, Target } from "./case.ts";

const HEAD = ["case", "ours", "limit or peer", "ratio", "target", "met"];

export function table(rows: readonly (Row & { case: string })[]): string {
  const lines = rows.map((row) => [
    `${row.case}: ${row.what}`,
    figure(row.ours, row.unit),
    beside(row),
    times(row),
    wanted(row),
    verdict(row.met),
  ]);
  const widths = HEAD.map((head, column) => Math.max(head.length, ...lines.map((line) => line[column]!.length)));
  const draw = (cells: string[]) => `| ${cells.map((cell, column) => cell.padEnd(widths[column]!)).join(" | ")} |`;
  const notes = rows.filter((row) => row.note).map((row) => `- ${row.case}: ${row.what}: ${row.note}`);
  return [draw(HEAD), `|${widths.map((width) => "-".repeat(width + 2)).join("|")}|`, ...lines.map(draw), "", ...notes].join("\n");
}

function figure(value: number, unit: string): string {
  if (Number.isNaN(value)) return "-";
  const digits = Math.abs(value) >= 1000 ? value.toFixed(0) : Math.abs(value) >= 10 ? value.toFixed(1) : value.toFixed(2);
  return `${digits.replace(/\B(?=(\d{3})+$)/g, ",")} ${unit}`.trim();
}

function beside(row: Row): string {
  return row.peer ? `${row.peer.name} ${figure(row.peer.value, row.unit)}` : "-";
}

function times(row: Row): string {
  return row.peer ? `${(row.ours / row.peer.value).toFixed(2)}x` : "-";
}

function wanted(row: Row): string {
  if (!row.target) return "reported";
  const bound = bare(row.target);
  return row.judged === "ratio" ? `${bound}x` : `${bound} ${row.unit}`;
}

function bare(target: Target): string {
  return "atLeast" in target ? `>= ${target.atLeast}` : `<= ${target.atMost}`;
}

function verdict(met: boolean | null): string {
  return met === null ? "-" : met ? "met" : "MISSED";
}
