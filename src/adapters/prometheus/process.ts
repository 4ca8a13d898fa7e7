/** Five gauges of our own process. prom-client's defaults cost 6-12 ms a scrape under Bun and report a heap of 6 GB. */

import { readdirSync } from "node:fs";
import { type Family, sample } from "./exposition.ts";

export function processFamilies(): Family[] {
  const startedAt = Date.now() / 1000 - process.uptime();
  return [
    one("signalbox_process_cpu_seconds_total", "CPU time used, user and system", "counter", () => {
      const { user, system } = process.cpuUsage();
      return (user + system) / 1e6;
    }),
    one("signalbox_process_resident_memory_bytes", "Resident memory", "gauge", () => process.memoryUsage.rss()),
    one("signalbox_process_heap_used_bytes", "JavaScript heap in use on the main thread", "gauge", () => process.memoryUsage().heapUsed),
    one("signalbox_process_open_fds", "Open file descriptors", "gauge", () => readdirSync("/proc/self/fd").length),
    one("signalbox_process_start_time_seconds", "When this process began, seconds since 1970", "gauge", () => startedAt),
  ];
}

function one(name: string, help: string, type: "counter" | "gauge", read: () => number): Family {
  return { name, help, type, samples: () => [sample(name, "", read())] };
}
