/** Users of this machine, as `getent` answers (files, LDAP or whatever the machine is set up with). */

export interface SystemUser {
  name: string;
  uid: number;
  gid: number;
  home: string;
}

/** One line of passwd(5). */
export function parsePasswd(line: string): SystemUser | null {
  const [name, , uid, gid, , home] = line.trim().split(":");
  if (!name || !home || !isId(uid) || !isId(gid)) return null;
  return { name, uid: Number(uid), gid: Number(gid), home };
}

export function systemUser(name: string): SystemUser | null {
  const found = Bun.spawnSync(["getent", "passwd", name]);
  return found.exitCode === 0 ? parsePasswd(found.stdout.toString()) : null;
}

function isId(text: string | undefined): text is string {
  return text !== undefined && /^\d+$/.test(text);
}
