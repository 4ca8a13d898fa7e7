/** Adding, changing and removing gateways: each change is versioned and carries its act. */

import { type Actor, act } from "../kernel/act.ts";
import type { Clock } from "../kernel/clock.ts";
import { AppError, conflict, notFound } from "../kernel/errors.ts";
import type { Directory } from "./directory.ts";
import type { Gateway } from "./gateway.ts";
import type { GatewayChange, NewGateway } from "./input.ts";

/** Throws `conflict` with reason `exists`. */
export async function addGateway(directory: Directory, clock: Clock, input: NewGateway, actor: Actor): Promise<Gateway> {
  const { id } = input;
  if (directory.gateway(id)) throw conflict(`Gateway ${id} exists already`, "exists");
  const value: Gateway = { id, name: input.name ?? id, limit: input.limit ?? null, windowSeconds: input.window_seconds ?? 60, version: 0 };
  await directory.commit(
    [{ kind: "gateway", value }],
    [act(actor, clock.now(), "gateway.create", `gateway:${id}`, { detail: { ...input } })],
  );
  return gatewayOf(directory, id);
}

/** Takes effect at once; nothing granted is taken back. */
export async function changeGateway(
  directory: Directory,
  clock: Clock,
  id: string,
  change: GatewayChange,
  actor: Actor,
  version?: number,
): Promise<Gateway> {
  const gateway = gatewayOf(directory, id);
  refuseChanged(gateway, version);
  const value: Gateway = {
    ...gateway,
    name: change.name ?? gateway.name,
    limit: change.limit === undefined ? gateway.limit : change.limit,
    windowSeconds: change.window_seconds ?? gateway.windowSeconds,
  };
  await directory.commit(
    [{ kind: "gateway", value }],
    [act(actor, clock.now(), "gateway.update", `gateway:${id}`, { detail: { ...change } })],
  );
  return gatewayOf(directory, id);
}

/**
 * Takes its name and its limit away. Throws `conflict` with reason `in_use` while pairs go through it: a limit that people rely on does not
 * vanish with a click; one that shall not hold any more is set to none.
 */
export async function removeGateway(directory: Directory, clock: Clock, id: string, actor: Actor, version?: number): Promise<void> {
  const gateway = gatewayOf(directory, id);
  refuseChanged(gateway, version);
  const through = pairsThrough(directory, id);
  if (through.length > 0) {
    const named = `${through.slice(0, 3).join(", ")}${through.length > 3 ? ` and ${through.length - 3} more` : ""}`;
    throw conflict(`${named} ${through.length === 1 ? "goes" : "go"} through ${id}: give them another gateway first`, "in_use");
  }
  await directory.commit([{ kind: "gateway", value: gateway, gone: true }], [act(actor, clock.now(), "gateway.remove", `gateway:${id}`)]);
}

/** Ids of the pairs that name it. */
export function pairsThrough(directory: Directory, id: string): string[] {
  return directory.pairs().flatMap((pair) => (pair.gateway === id ? [pair.id] : []));
}

function refuseChanged({ id, version }: Gateway, asked: number | undefined): void {
  if (asked !== undefined && asked !== version)
    throw new AppError("conflict", `Gateway ${id} was changed by somebody else. Look at it again, then save.`, { reason: "changed" });
}

/** The gateway, or `not_found`. */
export function gatewayOf(directory: Directory, id: string): Gateway {
  const gateway = directory.gateway(id);
  if (!gateway) throw notFound(`Gateway ${id}`);
  return gateway;
}
