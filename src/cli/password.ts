/** Asking for a new password: twice on a terminal, once from a pipe. It never stands in argv, where `ps` would show it. */

import { usage } from "./exit.ts";
import type { Terminal } from "./terminal.ts";

export async function newPassword(terminal: Terminal, name: string): Promise<string> {
  const password = await terminal.secret(`Password for ${name}: `);
  if (password === "") throw usage("the password must not be empty");
  if (terminal.asks && (await terminal.secret("Once more: ")) !== password) throw usage("the two passwords differ");
  return password;
}
