import { type DocumentOptions, openApiDocument } from "../openapi-document.ts";
import type { Route } from "../route.ts";

/**
 * `GET /openapi.json`: the service's own document.
 *
 * @param routes - all others
 */
export function openApiRoute(routes: readonly Route[], options: DocumentOptions): Route {
  const route: Route = {
    method: "GET",
    path: "/openapi.json",
    id: "openapi",
    summary: "This document.",
    gives: { "application/json": { type: "object" } },
    refuses: [],
    answer: () => Response.json(document),
  };
  const document = openApiDocument([...routes, route], options);
  return route;
}
