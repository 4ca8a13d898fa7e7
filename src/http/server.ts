/** Opens the door: one listening address, bodies capped, quiet connections closed. Says what to do when the address is taken. */

import { AppError, messageOf } from "../kernel/errors.ts";
import type { Door } from "./door.ts";

export interface ListenOptions {
  host: string;
  /** 0: any free one. */
  port: number;
  /** Bodies above this are refused before a handler sees them. */
  maxBodyBytes?: number;
  idleTimeoutSeconds?: number;
}

export interface Listening {
  url: string;
  port: number;
  /** Takes no new connection, waits for answers under way; `true` ends those too. Close streams first: stop waits for them. */
  stop(now?: boolean): Promise<void>;
}

/** More than a usual window: a program that comes back with each one finds its connection open. */
const IDLE_SECONDS = 75;
const MAX_BODY_BYTES = 16 * 1024 * 1024;

export function listen(door: Door, options: ListenOptions): Listening {
  const { host, port } = options;
  try {
    const server = Bun.serve({
      hostname: host,
      port,
      maxRequestBodySize: options.maxBodyBytes ?? MAX_BODY_BYTES,
      // Streams and permit waits take theirs off: server.timeout(request, 0).
      idleTimeout: options.idleTimeoutSeconds ?? IDLE_SECONDS,
      development: false,
      // Bun turns it on by itself when development is off; two Signalboxes would then share a port and each get half of the requests.
      reusePort: false,
      fetch: (request, server) => door.fetch(request, { server }),
    });
    const shown = server.hostname?.includes(":") ? `[${server.hostname}]` : server.hostname;
    return { url: `http://${shown}:${server.port}`, port: server.port ?? port, stop: (now) => server.stop(now) };
  } catch (error) {
    throw new AppError("unavailable", whyNot(error, host, port));
  }
}

function whyNot(error: unknown, host: string, port: number): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (code === "EADDRINUSE")
    return `Port ${port} on ${host} is taken. See who has it: ss -ltnp 'sport = :${port}'; or choose another address: --listen ${host}:${port + 1}`;
  if (code === "EACCES") return `Port ${port} on ${host} needs root: choose one above 1023, or a proxy in front`;
  if (code === "EADDRNOTAVAIL" || code === "EINVAL") return `${host} is not an address of this machine: use 127.0.0.1, or 0.0.0.0 for all`;
  return `Cannot listen on ${host}:${port}: ${messageOf(error)}`;
}
