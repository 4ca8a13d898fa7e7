/** Hashing and checking passwords: slow on purpose, equally slow for names that do not exist. */

// OWASP's second choice, 19 MiB: 46 ms here against 175 for the runtime's default, and logins are limited besides.
const ARGON2ID = { algorithm: "argon2id", memoryCost: 19_456, timeCost: 2 } as const;

export function hashPassword(password: string): Promise<string> {
  return Bun.password.hash(password, ARGON2ID);
}

let nobody: Promise<string> | null = null;

/** Whether it is the password of that hash (argon2id or bcrypt). No hash costs the same time and is never right. */
export async function verifyPassword(password: string, hash: string | null): Promise<boolean> {
  nobody ??= hashPassword(crypto.randomUUID());
  try {
    const right = await Bun.password.verify(password, hash ?? (await nobody));
    return right && hash !== null;
  } catch {
    // Not a hash this runtime knows: a damaged or foreign record opens nothing.
    return false;
  }
}
