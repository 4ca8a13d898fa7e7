import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { giveBackExecutable, untouched } from "./resident.ts";

const BOX = "/usr/local/bin/signalbox";

const mapping = (rights: string, path: string, writtenKb = 0, start = "00200000-00300000") =>
  `${start} ${rights} 00000000 fe:00 42                         ${path}\n` +
  `Size:               1024 kB\nRss:                 512 kB\nPrivate_Clean:       512 kB\nPrivate_Dirty:       512 kB\n` +
  `Anonymous:        ${String(writtenKb).padStart(6)} kB\nSwap:                  0 kB\nVmFlags: rd mr mw me sd\n`;

const cases: { what: string; smaps: string; found: number }[] = [
  { what: "code", smaps: mapping("r-xp", BOX), found: 1 },
  { what: "what is only read", smaps: mapping("r--p", BOX), found: 1 },
  { what: "what can be written", smaps: mapping("rw-p", BOX), found: 0 },
  { what: "what was written by the linker before it became read-only", smaps: mapping("r--p", BOX, 4), found: 0 },
  { what: "what is shared with others' writes", smaps: mapping("r--s", BOX), found: 0 },
  { what: "another file's", smaps: mapping("r-xp", "/usr/lib/libc.so.6"), found: 0 },
  { what: "a file that was replaced meanwhile", smaps: mapping("r-xp", `${BOX} (deleted)`), found: 0 },
  { what: "memory of no file", smaps: mapping("r-xp", ""), found: 0 },
  { what: "a kernel that says less", smaps: mapping("r-xp", BOX).replace(/^Anonymous.*\n/m, ""), found: 0 },
];

for (const { what, smaps, found } of cases)
  test(`${what}: ${found === 1 ? "may be given back" : "is left alone"}`, () => {
    const around = mapping("rw-p", "[heap]", 8, "10000000-10100000");
    expect(untouched(around + smaps + around, BOX)).toEqual(found === 1 ? [{ start: 0x200000, bytes: 0x100000 }] : []);
  });

test("what is given back goes from memory and comes back when it is used", () => {
  const residentKb = () => Number(/^RssFile:\s+(\d+)/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1]);
  const before = residentKb();
  giveBackExecutable();
  expect(residentKb()).toBeLessThan(before);
  expect(JSON.parse('{"still":["here"]}')).toEqual({ still: ["here"] });
});
