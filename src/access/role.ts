/** Roles and scopes: who may do what. routes.ts names the least of them for every route; nothing else decides. */

export const ROLES = ["viewer", "operator", "admin"] as const;
export type Role = (typeof ROLES)[number];

/** What a token that belongs to no person may do. */
export const SCOPES = ["permits", "results", "metrics"] as const;
export type Scope = (typeof SCOPES)[number];

/** The least that opens a route: nobody known, a role (or a higher one), or a token's scope. */
export type Least = "public" | Role | { scope: Scope };

export function atLeast(role: Role, least: Role): boolean {
  return ROLES.indexOf(role) >= ROLES.indexOf(least);
}
