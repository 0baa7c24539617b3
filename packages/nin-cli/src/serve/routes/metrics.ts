import type { Route } from "../route.ts";
import type { Service } from "../service.ts";

/** `GET /metrics`: counters for Prometheus. */
export function metricsRoute({ metrics }: Service): Route {
  return {
    method: "GET",
    path: "/metrics",
    id: "metrics",
    summary: "Counters in Prometheus's text format.",
    gives: { "text/plain": { type: "string" } },
    refuses: [],
    answer: async () =>
      new Response(await metrics.text(), { headers: { "Content-Type": metrics.contentType } }),
  };
}
