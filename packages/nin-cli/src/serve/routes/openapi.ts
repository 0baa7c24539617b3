import { openApiDocument } from "../openapi-document.ts";
import type { Route } from "../route.ts";

/**
 * `GET /openapi.json`: the service's own document.
 *
 * @param routes - all others
 * @param version - of this package
 * @param hasToken - whether callers need one
 */
export function openApiRoute(routes: readonly Route[], version: string, hasToken: boolean): Route {
  const route: Route = {
    method: "GET",
    path: "/openapi.json",
    id: "openapi",
    summary: "This document.",
    gives: { "application/json": { type: "object" } },
    refuses: [],
    answer: () => Response.json(document),
  };
  const document = openApiDocument([...routes, route], version, hasToken);
  return route;
}
