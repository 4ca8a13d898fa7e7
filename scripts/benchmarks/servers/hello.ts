/** The least a compiled Bun server can be: what start time and memory are held against. */

const server = Bun.serve({ hostname: "127.0.0.1", port: Number(process.env.PORT ?? 0), fetch: () => new Response("hello") });
console.log(`listening ${server.port}`);
