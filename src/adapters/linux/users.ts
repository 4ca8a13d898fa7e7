/** Users of this machine, as `getent` answers (files, LDAP or whatever the machine is set up with). */

import { z } from "zod";

export interface SystemUser {
  name: string;
  uid: number;
  gid: number;
  home: string;
}

const id = z.coerce.number().int().min(0);

/** One line of passwd(5). */
export function parsePasswd(line: string): SystemUser | null {
  const [name, , uid, gid, , home] = line.trim().split(":");
  const ids = z.tuple([id, id]).safeParse([uid, gid]);
  return name && home && ids.success ? { name, uid: ids.data[0], gid: ids.data[1], home } : null;
}

export function systemUser(name: string): SystemUser | null {
  const found = Bun.spawnSync(["getent", "passwd", name]);
  return found.exitCode === 0 ? parsePasswd(found.stdout.toString()) : null;
}
