/** The people who may log in: read from memory, written through to the documents with their acts. There is always an admin. */

import { type Actor, act } from "../kernel/act.ts";
import type { Clock } from "../kernel/clock.ts";
import { AppError, conflict, notFound } from "../kernel/errors.ts";
import type { Documents } from "../pairs/documents.ts";
import { hashPassword } from "./password.ts";
import type { NewUser, User, UserChange } from "./user.ts";

export interface Users {
  /** By name. */
  list(): User[];
  find(name: string): User | undefined;
  /** Throws 409 `exists`. */
  add(input: NewUser, actor: Actor): Promise<User>;
  /** Throws `not_found`, 409 `changed` (version given and another found), 409 `last_admin`. */
  change(name: string, change: UserChange, actor: Actor, version?: number): Promise<User>;
  /** Throws `not_found`, 409 `last_admin`. */
  remove(name: string, actor: Actor): Promise<void>;
}

export async function openUsers(documents: Documents, clock: Clock): Promise<Users> {
  const users = new Map<string, User>();
  for (const { id, body, version } of await documents.load(["user"])) users.set(id, { ...(body as unknown as User), version });

  function userOf(name: string): User {
    const user = users.get(name);
    if (!user) throw notFound(`User ${name}`);
    return user;
  }

  function refuseLastAdmin(user: User, deed: string): void {
    const admins = [...users.values()].filter((other) => other.role === "admin");
    if (user.role === "admin" && admins.length === 1)
      throw conflict(`${user.name} is the only admin and cannot be ${deed}: make somebody else admin first`, "last_admin");
  }

  async function store(user: User, verb: string, detail: Record<string, unknown>, actor: Actor): Promise<User> {
    const { version, ...body } = user;
    const written = act(actor, clock.now(), verb, `user:${user.name}`, { detail });
    await documents.commit([{ kind: "user", id: user.name, expected: version, body: { ...body } }], [written]);
    const stored = { ...user, version: version + 1 };
    users.set(user.name, stored);
    return stored;
  }

  return {
    list: () => [...users.values()].sort((a, b) => a.name.localeCompare(b.name)),
    find: (name) => users.get(name),

    async add(input, actor) {
      if (users.has(input.name)) throw conflict(`User ${input.name} exists already`, "exists");
      const passwordHash = await hashPassword(input.password);
      const now = clock.now();
      const user: User = {
        name: input.name,
        role: input.role,
        passwordHash,
        passwordChangedAt: now,
        version: 0,
        createdAt: now,
        updatedAt: now,
      };
      return store(user, "user.create", { role: input.role }, actor);
    },

    async change(name, change, actor, version) {
      const before = userOf(name);
      if (version !== undefined && version !== before.version)
        throw new AppError("conflict", `User ${name} was changed by somebody else meanwhile. Look at it again, then save.`, {
          reason: "changed",
        });
      const passwordHash = change.password === undefined ? null : await hashPassword(change.password);
      // Anew after the hashing: somebody may have demoted the other admin meanwhile.
      const user = userOf(name);
      if (change.role !== undefined && change.role !== "admin") refuseLastAdmin(user, "made less");
      const now = clock.now();
      const value: User = {
        ...user,
        role: change.role ?? user.role,
        passwordHash: passwordHash ?? user.passwordHash,
        passwordChangedAt: passwordHash ? now : user.passwordChangedAt,
        updatedAt: now,
      };
      const told = { ...(change.role === undefined ? {} : { role: change.role }), ...(passwordHash ? { password: "changed" } : {}) };
      return store(value, "user.update", told, actor);
    },

    async remove(name, actor) {
      const user = userOf(name);
      refuseLastAdmin(user, "removed");
      const written = act(actor, clock.now(), "user.delete", `user:${name}`);
      await documents.commit([{ kind: "user", id: name, expected: user.version, body: null }], [written]);
      users.delete(name);
    },
  };
}
