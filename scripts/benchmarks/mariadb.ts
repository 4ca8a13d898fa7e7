/** MariaDB as a Debian server runs it, on a socket of its own in the stage; and the rows of a Signalbox store as plain tables in it. */

import { join } from "node:path";
import { printed, type Stage } from "./stage.ts";

export interface MariaDb {
  socket: string;
}

/** null when mariadb-server is not installed. Nothing of the machine's own MariaDB is touched. */
export async function startMariaDb(stage: Stage): Promise<MariaDb | null> {
  const [install, server] = [Bun.which("mariadb-install-db"), Bun.which("mariadbd", { PATH: `${process.env.PATH}:/usr/sbin` })];
  if (!install || !server) return null;
  const folder = stage.subfolder("mariadb");
  const data = join(folder, "data");
  const socket = join(folder, "m.sock");
  const user = process.getuid?.() === 0 ? ["--user=root"] : [];
  stage.say("an empty MariaDB");
  await stage.run([install, "--no-defaults", `--datadir=${data}`, "--auth-root-authentication-method=normal", "--skip-test-db", ...user]);
  const started = stage.start([
    ...[
      server,
      "--no-defaults",
      `--datadir=${data}`,
      `--socket=${socket}`,
      `--pid-file=${join(folder, "pid")}`,
      "--skip-networking",
      ...user,
    ],
    // A commit is on disk before it is answered, as ours is; no second log.
    ...["--innodb-flush-log-at-trx-commit=1", "--skip-log-bin", "--innodb-buffer-pool-size=256M"],
  ]);
  await printed(started, /ready for connections/, 30_000);
  return { socket };
}

/** Messages a second that a process of its own inserts, `batch` a transaction, over 64 connections; the rows are those of the store in `dataDir`. */
export async function insertIntoMariaDb(
  stage: Stage,
  { socket }: MariaDb,
  dataDir: string,
  batch: number,
  seconds: number,
): Promise<number> {
  const spec = JSON.stringify({ socket, path: join(dataDir, "signalbox.db"), batch, seconds });
  const { messagesPerSecond } = JSON.parse(await stage.run([process.execPath, join(import.meta.dir, "mariadb-load.ts"), spec])) as {
    messagesPerSecond: number;
  };
  return messagesPerSecond;
}
