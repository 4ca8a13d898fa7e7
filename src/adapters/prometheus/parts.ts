/** Signalbox itself: its loops, its event loop, its build, its process. */

import { readdirSync } from "node:fs";
import type { LoopHealth } from "../../kernel/loop.ts";
import { COMMIT, VERSION } from "../../kernel/version.ts";
import { counter, type Family, gauge } from "./family.ts";

export function partFamilies(loops: () => readonly LoopHealth[], lagMs: () => number): Family[] {
  return [
    gauge("signalbox_loop_last_success_timestamp_seconds", "When each loop last ended a run well; 0 before the first", ["loop"], () =>
      loops().map(({ name, lastOkAt }) => [{ loop: name }, lastOkAt / 1000]),
    ),
    counter("signalbox_loop_failures_total", "Runs of each loop that failed", ["loop"], () =>
      loops().map(({ name, failures }) => [{ loop: name }, failures]),
    ),
    gauge("signalbox_event_loop_lag_seconds", "How late timers came, at worst, in the last 15 s", [], () => [[{}, lagMs() / 1000]]),
    gauge("signalbox_build_info", "Which Signalbox this is", ["version", "commit", "bun"], () => [
      [{ version: VERSION, commit: COMMIT, bun: Bun.version }, 1],
    ]),
    ...processFamilies(),
  ];
}

/** prom-client's own defaults cost 6-12 ms a scrape under Bun and report a heap of 6 GB. */
function processFamilies(): Family[] {
  const startedAt = Date.now() / 1000 - process.uptime();
  return [
    counter("signalbox_process_cpu_seconds_total", "CPU time used, user and system", [], () => {
      const { user, system } = process.cpuUsage();
      return [[{}, (user + system) / 1e6]];
    }),
    gauge("signalbox_process_resident_memory_bytes", "Resident memory", [], () => [[{}, process.memoryUsage.rss()]]),
    gauge("signalbox_process_heap_used_bytes", "JavaScript heap in use on the main thread", [], () => [
      [{}, process.memoryUsage().heapUsed],
    ]),
    gauge("signalbox_process_open_fds", "Open file descriptors", [], () => [[{}, readdirSync("/proc/self/fd").length]]),
    gauge("signalbox_process_start_time_seconds", "When this process began, seconds since 1970", [], () => [[{}, startedAt]]),
  ];
}
