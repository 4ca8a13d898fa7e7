/** A person who may log in: a name, a role, and a password nobody can read back. */

import { z } from "zod";
import { ROLES, type Role } from "./role.ts";

export interface User {
  name: string;
  role: Role;
  /** Argon2id, or bcrypt when imported. */
  passwordHash: string;
  passwordChangedAt: number;
  version: number;
  createdAt: number;
  updatedAt: number;
}

export const userName = z
  .string()
  .trim()
  .toLowerCase()
  .regex(/^[a-z0-9][a-z0-9._@-]{0,63}$/, "must be letters, digits and . _ @ -, like anna");

/** Long, not complicated: NIST SP 800-63B 5.1.1.2. The upper end keeps a hash cheap. */
export const password = z.string().min(10, "must have at least 10 characters").max(200, "must have at most 200 characters");

const role = z.enum(ROLES, "must be viewer, operator or admin");

export const newUser = z.strictObject({ name: userName, password, role });
export type NewUser = z.infer<typeof newUser>;

export const userChange = z.strictObject({ role, password }).partial();
export type UserChange = z.infer<typeof userChange>;
