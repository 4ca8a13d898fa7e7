import { sqliteGrants } from "../../src/adapters/sqlite/grants.ts";
import { fakeClock } from "../../src/kernel/clock.ts";
import { localLimiter } from "../../src/permits/local.ts";
import { ownStore } from "../cast/store.ts";
import { limiterContract, limiterDirectory } from "./limiter.ts";

const LEASE_MS = 2000;
const WITHIN_MS = 120_000;

limiterContract("local limiter over sqlite", async () => {
  const clock = fakeClock();
  const directory = await limiterDirectory();
  const grants = sqliteGrants(await ownStore("limiter"));
  let broken = false;
  const disk = {
    ...grants,
    record: (given: Parameters<typeof grants.record>[0]) => (broken ? Promise.reject(new Error("the disk is full")) : grants.record(given)),
  };
  const open = async () =>
    localLimiter({ directory, grants: disk, clock, leaseMs: LEASE_MS }, await grants.recent(clock.bootId, clock.uptimeMs(), WITHIN_MS));
  return {
    limiter: await open(),
    directory,
    clock,
    leaseMs: LEASE_MS,
    reopen: open,
    breakDisk() {
      broken = true;
    },
  };
});
