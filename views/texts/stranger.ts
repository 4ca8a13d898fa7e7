/** Words of strangers and their adoption. */

import { plural } from "../format.ts";

export const stranger = {
  title: "Strangers",
  hint: "screens that nobody here started; they are left alone until somebody adopts them",
  columns: {
    state: "State",
    name: "Screen",
    command: "Command",
    looksLike: "Looks like",
    user: "User",
    age: "Up",
    pid: "Pid",
    actions: "Actions",
  },
  dead: "dead socket",
  inFolder: "· in",
  screenPid: (pid: number) => `screen -r ${pid}`,
  variables: (n: number) => plural(n, "variable", "variables"),
  someProgram: "some program",
  readFrom: { command: "read from its command", name: "read from its name" },
  notRead: "neither its name nor its command is known here",
  emptyTitle: "No strangers",
  empty: "Every screen in the folders that are looked at is a session. One that somebody starts by hand appears here within seconds.",
  adopt: "Adopt",
  adoptTicked: "Adopt the ticked",
  adoptTickedHint: (n: number) => `${plural(n, "stranger looks", "strangers look")} like a program and a pair without a session`,
  tick: (name: string) => `adopt ${name} too`,
  nothingTicked: "Nothing was adopted: no stranger was ticked, or those that were have ended.",
  adopted: (n: number) => `${plural(n, "stranger is a session", "strangers are sessions")} now. Nothing was restarted.`,
  released: "Released: the program goes on by itself, and is listed here again.",
  adoptTitle: (name: string) => `Adopt ${name}?`,
  adoptText: (pid: number) =>
    `Process ${pid} goes on as it is: nothing is signalled or typed. From now on it is watched, and when it ends its program's policy starts it anew, here.`,
  nothingToChoose: "First define the program it runs and add its pair.",
  program: "Program",
  pairs: "Pairs",
  pairsHint: "The pairs it sends for. Ctrl or Cmd adds to the choice.",
  name: "Name",
  nameHint: "Left empty: program and first pair, such as program1_UZ_uzmobile.",
} as const;
