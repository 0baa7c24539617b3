import { type Context, Hono, type MiddlewareHandler } from "hono";
import { cors } from "hono/cors";
import { loopbackGuard, tokenGuard } from "./guard.ts";
import { HttpError, serviceFailed } from "./http-error.ts";
import { readBody } from "./read-body.ts";
import type { Call, Route } from "./route.ts";
import { explainRoute } from "./routes/explain.ts";
import { healthzRoute } from "./routes/healthz.ts";
import { metricsRoute } from "./routes/metrics.ts";
import { openApiRoute } from "./routes/openapi.ts";
import { predictRoute } from "./routes/predict.ts";
import { firstIssue } from "./schemas.ts";
import type { Service } from "./service.ts";
import { withinLimits } from "./within-limits.ts";

export interface AppOptions {
  /** Of this package, for the document. */
  readonly version: string;
  /** What callers must send; undefined: none, and only this machine's own names are answered to. */
  readonly token: string | undefined;
  /** Web pages of these origins may call too, e.g. `https://app.example`. */
  readonly origins: readonly string[];
  /** Told of errors that are no refusal: faults of this program or of the machine. */
  readonly onFault: (error: unknown) => void;
}

/** The service as a function from requests to answers. */
export function createApp(service: Service, { version, token, origins, onFault }: AppOptions): Hono {
  const guard = token === undefined ? loopbackGuard : tokenGuard(token);
  const own = [predictRoute(service), explainRoute(service), healthzRoute(), metricsRoute(service)];
  const routes = [
    ...own,
    openApiRoute(own, { description: describe(service), version, hasToken: token !== undefined }),
  ];
  const byPath = new Map(routes.map((route) => [route.path, route]));
  const app = new Hono();

  app.use(async (context, next) => {
    const startedAt = performance.now();
    await next();
    const { path, method } = context.req;
    const { headers, status } = context.res;
    headers.set("Cache-Control", "no-store");
    headers.set("X-Content-Type-Options", "nosniff");
    if (service.isClosing) headers.set("Connection", "close");
    const seconds = (performance.now() - startedAt) / 1000;
    service.metrics.answered(byPath.has(path) ? path : "other", method, status, seconds);
  });
  if (origins.length > 0) app.use(allowOrigins(origins));
  app.use(async (context, next) => {
    if (service.isClosing) throw new HttpError(503, "The service is shutting down. Try again later.");
    const isOpen = token !== undefined && byPath.get(context.req.path)?.isOpen === true;
    return isOpen ? next() : guard(context, next);
  });

  for (const route of routes) app.on(route.method, route.path, (context) => answer(route, service, context));
  for (const { path, method } of routes) {
    const allowed = method === "GET" ? "GET, HEAD" : method;
    app.all(path, () => {
      throw new HttpError(405, `${path} takes ${allowed} alone.`, { Allow: allowed });
    });
  }
  app.notFound(() => {
    throw new HttpError(404, `There is no such path, expected ${[...byPath.keys()].join(", ")}.`);
  });
  app.onError((error) => {
    if (!(error instanceof HttpError)) onFault(error);
    const refusal = error instanceof HttpError ? error : new HttpError(500, serviceFailed);
    return Response.json(refusal.body, { status: refusal.status, headers: refusal.headers });
  });
  return app;
}

/** What the service does, for its document. */
function describe({ model: { classes, image } }: Service): string {
  const { channels, height, width } = image;
  const some = classes.length > namedClasses ? ", ..." : "";
  return (
    `Classifies images with a trained network. Images are ${height}x${width} pixels, ${channels === 1 ? "grey" : "RGB"}; ` +
    `there are ${classes.length} classes: ${classes.slice(0, namedClasses).join(", ")}${some}.`
  );
}

const namedClasses = 20;

/** Lets browsers hand answers to pages of these origins; their preflights come without a token and get none. */
function allowOrigins(origins: readonly string[]): MiddlewareHandler {
  const allow = cors({
    origin: [...origins],
    allowMethods: ["GET", "HEAD", "POST"],
    allowHeaders: ["Accept", "Authorization", "Content-Type"],
    exposeHeaders: ["Retry-After"],
    maxAge: 600,
  });
  return async (context, next) =>
    origins.includes(context.req.header("origin") ?? "") ? allow(context, next) : next();
}

async function answer(route: Route, service: Service, context: Context): Promise<Response> {
  const request = context.req.raw;
  const query = route.query?.safeParse(context.req.query());
  if (query?.success === false) {
    throw new HttpError(400, firstIssue(query.error, "The query"));
  }
  const { signal } = request;
  const work = (call: Omit<Call, "query">) => route.answer(request, { ...call, query: query?.data ?? {} });
  if (route.isWork) return withinLimits(service, request, work);
  return work({ signal, body: () => readBody(request, service.limits.bodyBytes, signal) });
}
