import type { z } from "zod";
import type { Route } from "../route.ts";
import { healthSchema } from "../schemas.ts";

/** `GET /healthz`: for supervisors and load balancers. */
export function healthzRoute(): Route {
  return {
    method: "GET",
    path: "/healthz",
    id: "health",
    summary: "Say whether the service takes requests.",
    isOpen: true,
    gives: { "application/json": healthSchema },
    refuses: [],
    answer: () => Response.json({ status: "ok" } satisfies z.infer<typeof healthSchema>),
  };
}
