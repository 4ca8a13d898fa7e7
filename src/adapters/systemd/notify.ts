/**
 * Tells the service manager how we are: sd_notify(3), one datagram per word on $NOTIFY_SOCKET.
 * By FFI, because Bun has no datagram Unix sockets; `systemd-notify` would need NotifyAccess=all and 32 ms a call.
 */

import { dlopen, FFIType, ptr } from "bun:ffi";

export interface Notifier {
  /** Nobody listens: every word is nothing. */
  active: boolean;
  /** False when the manager could not be told; nobody need care. */
  tell(...lines: string[]): boolean;
}

const AF_UNIX = 1;
const SOCK_DGRAM_CLOEXEC = 2 | 0o2000000;
const MSG_NOSIGNAL = 0x4000;

export function openNotifier(path: string | undefined): Notifier {
  if (!path) return { active: false, tell: () => false };
  const { symbols: libc } = dlopen("libc.so.6", {
    socket: { args: [FFIType.i32, FFIType.i32, FFIType.i32], returns: FFIType.i32 },
    sendto: { args: [FFIType.i32, FFIType.ptr, FFIType.u64, FFIType.i32, FFIType.ptr, FFIType.u32], returns: FFIType.i64 },
    close: { args: [FFIType.i32], returns: FFIType.i32 },
  });
  const address = addressOf(path);
  return {
    active: true,
    tell(...lines) {
      const fd = libc.socket(AF_UNIX, SOCK_DGRAM_CLOEXEC, 0);
      if (fd < 0) return false;
      const message = Buffer.from(lines.join("\n"));
      const sent = Number(libc.sendto(fd, ptr(message), message.length, MSG_NOSIGNAL, ptr(address), address.length));
      libc.close(fd);
      return sent === message.length;
    },
  };
}

/** struct sockaddr_un: family, then the path with its zero, or `@name` as an abstract one without. */
function addressOf(path: string): Buffer {
  const name = Buffer.from(path);
  const abstract = path.startsWith("@");
  if (abstract) name[0] = 0;
  const address = Buffer.alloc(2 + name.length + (abstract ? 0 : 1));
  address.writeUInt16LE(AF_UNIX, 0);
  name.copy(address, 2);
  return address;
}
