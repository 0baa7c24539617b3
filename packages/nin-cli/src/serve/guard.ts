import { BlockList, isIP } from "node:net";
import type { MiddlewareHandler } from "hono";
import { bearerAuth } from "hono/bearer-auth";
import { HttpError } from "./http-error.ts";

/** A token as RFC 6750 has it: what can stand in an `Authorization: Bearer` header. */
export const tokenPattern = /^[\w.~+/-]+=*$/;

/**
 * Lets in who sends `Authorization: Bearer <token>`.
 *
 * @returns a middleware that throws HttpError 401, or 400 for `Bearer` without a valid token
 * @see https://www.rfc-editor.org/rfc/rfc6750#section-3.1
 */
export function tokenGuard(token: string): MiddlewareHandler {
  const missing = "The token is missing, expected it as Authorization: Bearer TOKEN.";
  const malformed = "The Authorization header has no valid token, expected Authorization: Bearer TOKEN.";
  return bearerAuth({
    token,
    noAuthenticationHeader: { message: () => refuse(401, missing) },
    invalidAuthenticationHeader: {
      message({ req }) {
        // Who does not know what is asked for is told no error code.
        const isBearer = /^bearer(?: |$)/i.test(req.header("authorization") ?? "");
        return isBearer ? refuse(400, malformed, "invalid_request") : refuse(401, missing);
      },
    },
    invalidToken: {
      message: () =>
        refuse(401, "The token is wrong, expected the one that the service was given.", "invalid_token"),
    },
  });
}

function refuse(status: 400 | 401, message: string, error?: "invalid_request" | "invalid_token"): never {
  const challenge = `Bearer realm="nin"${error === undefined ? "" : `, error="${error}"`}`;
  throw new HttpError(status, message, { "WWW-Authenticate": challenge });
}

/**
 * Lets in who names this machine as such: a web page that had its own name point here does not.
 *
 * @returns a middleware that throws HttpError 421
 */
export const loopbackGuard: MiddlewareHandler = async ({ req }, next) => {
  const name = new URL(req.url).hostname.replace(/^\[(.*)\]$/, "$1");
  if (isLoopback(name)) return next();
  throw new HttpError(
    421,
    "This service answers to localhost alone. Call it as http://localhost or 127.0.0.1.",
  );
};

/** Whether only programs on this machine reach a host of that name or address. */
export function isLoopback(host: string): boolean {
  const family = isIP(host);
  if (family === 0) return /^localhost\.?$/i.test(host);
  return loopback.check(host, family === 6 ? "ipv6" : "ipv4");
}

const loopback = new BlockList();
loopback.addSubnet("127.0.0.0", 8, "ipv4");
loopback.addAddress("::1", "ipv6");
