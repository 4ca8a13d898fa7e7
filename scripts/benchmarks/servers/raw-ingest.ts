/** The ceiling of ingest over HTTP: Bun.serve that reads the JSON body and answers, and stores nothing. */

const server = Bun.serve({
  hostname: "127.0.0.1",
  port: 0,
  async fetch(request) {
    const body: unknown = await request.json();
    return Response.json({ accepted: Array.isArray(body) ? body.length : 1, duplicate: 0, rejected: [] }, { status: 202 });
  },
});
console.log(`listening ${server.port}`);
