/** Port: seals what must be kept but never shown. A seal opens only in its own place, so that no value can be moved under another's name. */

import { unavailable } from "../kernel/errors.ts";

export interface Vault {
  /** Text that may lie on disk and in backups. Never twice the same. */
  seal(text: string, place: string): string;
  /** Throws `unavailable` when it was sealed with another key, in another place, or was changed. */
  open(sealed: string, place: string): string;
}

/** Refuses both. */
export const noVault: Vault = {
  seal: () => refuse(),
  open: () => refuse(),
};

function refuse(): never {
  throw unavailable("secrets cannot be kept: there is no key for them");
}

export function secretPlace(program: string, name: string): string {
  return `program:${program}:${name}`;
}

/** What a program's secrets become: a text replaces, null removes, what is not named stays. */
export function sealSecrets(
  vault: Vault,
  program: string,
  before: Readonly<Record<string, string>>,
  given: Readonly<Record<string, string | null>>,
): Record<string, string> {
  const kept = { ...before };
  for (const [name, text] of Object.entries(given)) {
    if (text === null) delete kept[name];
    else kept[name] = vault.seal(text, secretPlace(program, name));
  }
  return kept;
}

/** For the start of a run. Throws, naming the secret, when one does not open. */
export function openSecretsOf(
  vault: Vault,
  { name, secrets }: { name: string; secrets: Readonly<Record<string, string>> },
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(secrets).map(([variable, sealed]) => {
      try {
        return [variable, vault.open(sealed, secretPlace(name, variable))];
      } catch {
        throw unavailable(`secret ${variable} of ${name} cannot be opened: its key is gone or another. Set it again.`);
      }
    }),
  );
}
