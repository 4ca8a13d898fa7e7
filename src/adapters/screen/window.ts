/** What runs in one window of a screen: the program in its foreground, one that was sent to the background, or nothing but a shell. */

import { argumentsOf, childrenOf, type ProcessStat, readStat } from "../linux/processes.ts";

export interface Window {
  /** The process that stands for the program: its exit is the program's. Of an idle window the shell. */
  leader: ProcessStat;
  /** Everything of its process group, the leader first. */
  group: ProcessStat[];
  idle: boolean;
}

/** More descendants than that are not needed to know what runs. */
const ENOUGH = 300;
const SHELLS = new Set(["sh", "bash", "dash", "zsh", "fish", "ksh", "ksh93", "mksh", "tcsh", "csh", "ash"]);

/** null: the window has just closed. */
export function windowOf(pid: number): Window | null {
  const window = readStat(pid);
  if (!window || window.state === "Z") return null;
  const tree = treeOf(window);
  const groupOf = (group: number) => tree.filter((member) => member.group === group).sort(leaderFirst(group));
  const foreground = groupOf(window.foreground);
  const front = foreground[0] ?? window;
  if (!isWaitingShell(front.pid)) return { leader: front, group: foreground.length > 0 ? foreground : [front], idle: false };
  // A program that was started with & has no foreground and runs all the same.
  const behind = tree.filter((member) => member.session === window.session && member.group !== front.group && !isWaitingShell(member.pid));
  const oldest = behind.sort((a, b) => a.startTicks - b.startTicks || a.pid - b.pid)[0];
  if (!oldest) return { leader: front, group: foreground.length > 0 ? foreground : [front], idle: true };
  const group = groupOf(oldest.group);
  return { leader: group[0]!, group, idle: false };
}

function treeOf(root: ProcessStat): ProcessStat[] {
  const tree = [root];
  for (let i = 0; i < tree.length && tree.length < ENOUGH; i++) {
    for (const pid of childrenOf(tree[i]!.pid)) {
      const stat = readStat(pid);
      if (stat && stat.state !== "Z") tree.push(stat);
    }
  }
  return tree;
}

function leaderFirst(group: number) {
  return (a: ProcessStat, b: ProcessStat) =>
    Number(b.pid === group) - Number(a.pid === group) || a.startTicks - b.startTicks || a.pid - b.pid;
}

/** A shell that waits for somebody to type: it was given no script and no command. */
function isWaitingShell(pid: number): boolean {
  const [name = "", ...rest] = argumentsOf(pid);
  const shell = name.replace(/^-/, "");
  if (!SHELLS.has(shell.slice(shell.lastIndexOf("/") + 1))) return false;
  return rest.every((argument) => argument.startsWith("-") && !/^-[a-z]*c/.test(argument));
}
