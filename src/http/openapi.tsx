/** The API described by itself: OpenAPI 3.1 made of the contents page and the schemas that check the requests, and the same as a page. */

import { html } from "hono/html";
import { z } from "zod";
import { type Operation, Reference } from "../../views/access/reference.tsx";
import { type AssetUrls, BareFrame } from "../../views/frame.tsx";
import type { Least } from "../access/role.ts";
import { PROBLEMS } from "./problem.ts";
import type { Route } from "./route.ts";

export interface OpenApiServices {
  version: string;
  assets: AssetUrls;
}

type Json = Record<string, unknown>;

/** The routes that describe `routes`, and themselves. */
export function openApiRoutes(routes: readonly Route[], { version, assets }: OpenApiServices): Route[] {
  // Made when first asked for: a start does not wait for it.
  let text: string | null = null;
  let page: string | null = null;
  const all: Route[] = [
    ...routes,
    {
      method: "GET",
      path: "/api/openapi.json",
      least: "viewer",
      summary: "This API as OpenAPI 3.1",
      handle() {
        text ??= JSON.stringify(openApi(all, version));
        return new Response(text, { headers: { "content-type": "application/json" } });
      },
    },
    {
      method: "GET",
      path: "/api/docs",
      least: "viewer",
      summary: "This API as a page",
      page: true,
      handle() {
        page ??= reference(operations(all), assets);
        return new Response(page, { headers: { "content-type": "text/html; charset=utf-8" } });
      },
    },
  ];
  return all.slice(routes.length);
}

function reference(operations: readonly Operation[], assets: AssetUrls): string {
  const frame = (
    <BareFrame title="API" assets={assets}>
      <Reference operations={operations} />
    </BareFrame>
  );
  return String(html`<!DOCTYPE html>${frame}`);
}

export function openApi(routes: readonly Route[], version: string): Json {
  const paths: Record<string, Json> = {};
  for (const route of apiOf(routes)) {
    const path = pathOf(route.path);
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(route) };
  }
  return {
    openapi: "3.1.0",
    info: { title: "Signalbox", version, description: "Times are RFC 3339 in UTC; durations say their unit; ratios are 0-1." },
    components: {
      securitySchemes: {
        bearer: { type: "http", scheme: "bearer", description: "An access token, a run's token or a lasting token" },
        cookie: { type: "apiKey", in: "cookie", name: "signalbox" },
      },
      schemas: { Problem: schemaOf(problem, "output") },
    },
    paths,
  };
}

/** Who may: `public`, a role, or a token's scope. */
export function leastInWords(least: Least): string {
  return typeof least === "string" ? least : `token ${least.scope}`;
}

const problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  detail: z.string().describe("A sentence a person can act on"),
  code: z.enum(Object.keys(PROBLEMS)),
  errors: z.array(z.object({ field: z.string(), message: z.string() })).optional(),
  reason: z.string().optional(),
  retry_after_ms: z.number().int().optional(),
  request_id: z.string(),
});

const nounOf = (route: Route) => route.path.split("/").find((part) => part !== "" && part !== "api") ?? "system";
const idOf = (route: Route) =>
  `${route.method.toLowerCase()}${route.path.replace(/[^a-zA-Z]+([a-zA-Z])?/g, (_, letter?: string) => (letter ?? "").toUpperCase())}`;

function operation(route: Route): Json {
  const success = route.method === "POST" && route.answer ? "2XX" : route.answer ? "200" : "2XX";
  return {
    summary: route.summary,
    operationId: idOf(route),
    tags: [nounOf(route)],
    "x-least": leastInWords(route.least),
    security: route.least === "public" ? [] : [{ bearer: [] }, { cookie: [] }],
    parameters: [...parametersOf(route.path), ...queryOf(route)],
    ...(route.body
      ? { requestBody: { required: route.method !== "DELETE", content: { "application/json": { schema: schemaOf(route.body, "input") } } } }
      : {}),
    responses: {
      [success]: {
        description: "Done",
        ...(route.answer ? { content: { "application/json": { schema: schemaOf(route.answer, "output") } } } : {}),
      },
      default: {
        description: "A problem document (RFC 9457)",
        content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } },
      },
    },
  };
}

function operations(routes: readonly Route[]): Operation[] {
  return apiOf(routes).map((route) => ({
    noun: nounOf(route),
    id: idOf(route),
    method: route.method,
    path: pathOf(route.path),
    least: leastInWords(route.least),
    summary: route.summary,
    query: queryOf(route).map(({ name, schema }) => ({ name, about: inWords(schema) })),
    body: route.body ? JSON.stringify(schemaOf(route.body, "input"), null, 2) : null,
    answer: route.answer ? JSON.stringify(schemaOf(route.answer, "output"), null, 2) : null,
  }));
}

function apiOf(routes: readonly Route[]): Route[] {
  return routes.filter((route) => route.page !== true);
}

/** `/api/pairs/:id` -> `/api/pairs/{id}`. */
export function pathOf(path: string): string {
  return path.replace(/:([a-zA-Z_]+)(\{.*?\})?/g, "{$1}");
}

function parametersOf(path: string): Json[] {
  return [...path.matchAll(/:([a-zA-Z_]+)/g)].map((match) => ({ name: match[1], in: "path", required: true, schema: { type: "string" } }));
}

interface QueryParameter {
  name: string;
  in: "query";
  required: false;
  schema: Json;
}

function queryOf(route: Route): QueryParameter[] {
  if (!route.query) return [];
  const { properties } = schemaOf(route.query, "input");
  if (typeof properties !== "object" || properties === null) return [];
  return Object.entries(properties).map(([name, schema]) => ({ name, in: "query", required: false, schema }));
}

/** What a parameter of the query may be, for people: its words, what there is to choose from, what it is unless told. */
function inWords({ description, enum: choices, type, default: usual }: Json): string {
  const kind = Array.isArray(choices) ? choices.join(" | ") : typeof type === "string" ? type : "text";
  const known = typeof description === "string" ? `${kind}: ${description}` : kind;
  return usual === undefined ? known : `${known}; ${JSON.stringify(usual)} unless told`;
}

function schemaOf(schema: z.ZodType, io: "input" | "output"): Json {
  // A transform has no schema of its own: it reads as "anything" and its description says more.
  const { $schema: _, ...json } = z.toJSONSchema(schema, { io, unrepresentable: "any" });
  return json;
}
