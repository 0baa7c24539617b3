import { setMaxListeners } from "node:events";
import { HttpError } from "./http-error.ts";
import { readBody } from "./read-body.ts";
import type { Call } from "./route.ts";
import type { Service } from "./service.ts";

/**
 * Does a request's work if there are not too many at it already, for as long as allowed.
 *
 * @throws HttpError 503 if there are too many; when time is up 408 if the body has not arrived, else 504
 */
export async function withinLimits(
  service: Service,
  request: Request,
  work: (call: Omit<Call, "query">) => Response | Promise<Response>,
): Promise<Response> {
  const { requests, seconds, bodyBytes } = service.limits;
  if (service.requests >= requests) {
    throw new HttpError(503, `${requests} requests are being worked on already. Try again shortly.`, {
      "Retry-After": "1",
    });
  }
  const controller = new AbortController();
  const { signal } = controller;
  setMaxListeners(0, signal); // each image that waits listens
  let isReading = false;
  const body = async () => {
    isReading = true;
    const bytes = await readBody(request, bodyBytes, signal);
    isReading = false;
    return bytes;
  };
  const timeUp = () => controller.abort(isReading ? lateBody(seconds) : lateAnswer(seconds));
  const timer = setTimeout(timeUp, 1000 * seconds);
  const leave = () => controller.abort(new HttpError(400, "The caller left before the answer."));
  request.signal.addEventListener("abort", leave, { once: true });
  if (request.signal.aborted) leave();

  service.requests++;
  const stopped = new Promise<never>((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
  // What cannot be stopped at once, as decoding a picture, still counts until it ends.
  const done = (async () => work({ signal, body }))().finally(() => {
    service.requests--;
    clearTimeout(timer);
    request.signal.removeEventListener("abort", leave);
  });
  return Promise.race([done, stopped]);
}

function lateBody(seconds: number): HttpError {
  return new HttpError(408, `The body did not arrive within ${seconds} s. Send it at once.`, {
    Connection: "close",
  });
}

function lateAnswer(seconds: number): HttpError {
  return new HttpError(504, `No answer within ${seconds} s. Try again, or send fewer images at once.`);
}
