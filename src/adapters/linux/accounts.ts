/** Who a local user is: names from /etc/passwd and /etc/group, and the role that a peer of the control socket has. Pure but for the reading. */

import { readFileSync } from "node:fs";
import type { Role } from "../../access/role.ts";

/** Members are operators on the control socket. */
export const OPERATOR_GROUP = "signalbox";

export interface Accounts {
  passwd: string;
  group: string;
}

export interface Peer {
  uid: number;
  gid: number;
}

export function readAccounts(): Accounts {
  return { passwd: readFileSync("/etc/passwd", "utf8"), group: readFileSync("/etc/group", "utf8") };
}

/** root and the user Signalbox runs as: admin. Members of group `signalbox`: operator. Anybody else: null. */
export function roleOfPeer(peer: Peer, ownUid: number, accounts: Accounts): Role | null {
  if (peer.uid === 0 || peer.uid === ownUid) return "admin";
  const group = findGroup(accounts, OPERATOR_GROUP);
  if (!group) return null;
  return peer.gid === group.gid || group.members.includes(userName(peer.uid, accounts)) ? "operator" : null;
}

/** The login name, or `uid 1234`. */
export function userName(uid: number, { passwd }: Accounts): string {
  for (const line of passwd.split("\n")) {
    const [name, , id] = line.split(":");
    if (name && Number(id) === uid && id !== "") return name;
  }
  return `uid ${uid}`;
}

export function findGroup({ group }: Accounts, wanted: string): { gid: number; members: string[] } | null {
  for (const line of group.split("\n")) {
    const [name, , gid, members = ""] = line.split(":");
    if (name === wanted) return { gid: Number(gid), members: members.split(",").filter((member) => member !== "") };
  }
  return null;
}
