/** A process of its own that reads the live stream many times over, or opens it and never reads. argv: url of the stream, token, how many, `read` or `stall`. */

import { connect } from "node:net";

const [address = "", token = "", howMany = "1", mode = "read"] = process.argv.slice(2);
const url = new URL(address);
const request = `GET ${url.pathname}${url.search} HTTP/1.1\r\nHost: ${url.host}\r\nAuthorization: Bearer ${token}\r\n\r\n`;
let open = 0;
let bytes = 0;

function told(): void {
  if (++open === Number(howMany)) console.log(`ready ${open}`);
}

for (let n = 0; n < Number(howMany); n++) {
  const socket = connect(Number(url.port), url.hostname, () => {
    socket.write(request);
    if (mode !== "stall") return;
    // Nothing is read: what the kernel holds fills up, then the server has to.
    socket.pause();
    told();
  });
  if (mode === "stall") continue;
  let first = true;
  socket.on("data", (chunk) => {
    bytes += chunk.length;
    if (first && !chunk.toString("latin1", 0, 12).startsWith("HTTP/1.1 200")) throw new Error(chunk.toString("latin1", 0, 200));
    if (first) told();
    first = false;
  });
  socket.on("close", () => process.exit(1));
}
process.on("SIGTERM", () => {
  console.log(`read ${bytes}`);
  process.exit(0);
});
