/** Takes permits as fast as it can from a real store and says each one it was given, until it is killed. `bun taker.ts <store> ` */

import { systemClock } from "../../src/adapters/linux/libc.ts";
import { sqliteGrants } from "../../src/adapters/sqlite/grants.ts";
import { openStore } from "../../src/adapters/sqlite/store.ts";
import { quiet } from "../../src/kernel/log.ts";
import { openPermits } from "../../src/permits/permits.ts";
import { aCountry, aPair, directoryOf } from "./directory.ts";

const store = await openStore({ path: process.argv[2]!, onDeath: () => process.exit(1) });
const directory = await directoryOf(aCountry("UZ", 100_000), aPair("UZ_uzmobile"));
const permits = await openPermits({ directory, grants: sqliteGrants(store), clock: systemClock(), log: quiet });
const ask = { pairs: ["UZ_uzmobile"], program: "program1", session: null, waitMs: 0 };

for (;;) {
  const answers = await Promise.all(Array.from({ length: 5 }, () => permits.ask(ask)));
  for (const answer of answers) if (answer.granted) await Bun.write(Bun.stdout, `${answer.permitId}\n`);
}
