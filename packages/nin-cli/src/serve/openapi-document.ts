import { z } from "zod";
import { type RefusalStatus, refusals } from "./http-error.ts";
import type { ContentSchema, Route } from "./route.ts";
import { errorSchema } from "./schemas.ts";

type Json = Readonly<Record<string, unknown>>;

/** Refusals that every route can give, by what the service is asked for. */
function commonRefusals(route: Route, hasToken: boolean): RefusalStatus[] {
  const statuses: RefusalStatus[] = [400, 500, 503];
  if (hasToken && route.isOpen !== true) statuses.push(401);
  if (!hasToken) statuses.push(421);
  return statuses;
}

export interface DocumentOptions {
  /** Of the service. */
  readonly description: string;
  /** Of this package. */
  readonly version: string;
  /** Whether callers must send a token. */
  readonly hasToken: boolean;
}

/**
 * Describes the service for people and programs.
 *
 * @see https://spec.openapis.org/oas/v3.1.1.html
 */
export function openApiDocument(
  routes: readonly Route[],
  { description, version, hasToken }: DocumentOptions,
): Json {
  const paths: Record<string, Record<string, Json>> = {};
  for (const route of routes) {
    paths[route.path] = { ...paths[route.path], [route.method.toLowerCase()]: operation(route, hasToken) };
  }
  return {
    openapi: "3.1.1",
    info: {
      title: "nin serve",
      version,
      description,
      license: { name: "MIT", identifier: "MIT" },
    },
    paths,
    components: {
      schemas: { Error: jsonSchema(errorSchema, "output") },
      ...(hasToken && { securitySchemes: { token: { type: "http", scheme: "bearer" } } }),
    },
    ...(hasToken && { security: [{ token: [] }] }),
  };
}

function operation(route: Route, hasToken: boolean): Json {
  const { id, summary, description, query, takes, gives, refuses, isOpen } = route;
  const statuses = [...new Set([...commonRefusals(route, hasToken), ...refuses])].sort((a, b) => a - b);
  return {
    operationId: id,
    summary,
    ...(description !== undefined && { description }),
    ...(query !== undefined && { parameters: parameters(query) }),
    ...(takes !== undefined && { requestBody: { required: true, content: content(takes, "input") } }),
    ...(hasToken && isOpen === true && { security: [] }),
    responses: {
      200: { description: "Done.", content: content(gives, "output") },
      ...Object.fromEntries(statuses.map((status) => [status, refusal(status)])),
    },
  };
}

function refusal(status: RefusalStatus): Json {
  return {
    description: `Refused: ${refusals[status].replaceAll("_", " ")}.`,
    content: { "application/json": { schema: { $ref: "#/components/schemas/Error" } } },
  };
}

function parameters(query: z.ZodObject): Json[] {
  const { properties = {}, required = [] } = jsonSchema(query, "input") as {
    properties?: Record<string, { description?: string }>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, { description, ...schema }]) => ({
    name,
    in: "query",
    required: required.includes(name),
    ...(description !== undefined && { description }),
    schema,
  }));
}

function content(bodies: Readonly<Record<string, ContentSchema>>, io: "input" | "output"): Json {
  return Object.fromEntries(
    Object.entries(bodies).map(([type, schema]) => [
      type,
      { schema: schema instanceof z.ZodType ? jsonSchema(schema, io) : schema },
    ]),
  );
}

function jsonSchema(schema: z.ZodType, io: "input" | "output"): Json {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: "any" });
  return rest;
}
