/** The peer of permits: express-rate-limit with its own memory store, one key, a window of a minute. */

const express = require("express");
const { rateLimit } = require("express-rate-limit");

const app = express();
app.use(express.json());
app.use(
  rateLimit({
    windowMs: 60_000,
    limit: Number(process.env.LIMIT),
    keyGenerator: () => "UZ",
    standardHeaders: "draft-8",
    legacyHeaders: false,
    validate: false,
  }),
);
app.post("/permits", (_request, response) => {
  response.status(201).json({ granted: true });
});
const server = app.listen(0, "127.0.0.1", () => console.log(`listening ${server.address().port}`));
