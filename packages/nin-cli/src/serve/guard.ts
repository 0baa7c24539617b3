import { createHash, timingSafeEqual } from "node:crypto";
import { BlockList, isIP } from "node:net";
import { HttpError } from "./http-error.ts";

/** A token as RFC 6750 has it: what can stand in an `Authorization: Bearer` header. */
export const tokenPattern = /^[\w.~+/-]+=*$/;

/** Who may call: bearers of the token, or, where there is none, programs on this machine. */
export type Guard = (request: Request) => void;

/**
 * Lets in who sends `Authorization: Bearer <token>`; how long the comparison takes tells nothing of the token.
 *
 * @returns a check that throws HttpError 401
 */
export function tokenGuard(token: string): Guard {
  const expected = digest(token);
  return (request) => {
    const [scheme = "", sent = ""] = (request.headers.get("authorization") ?? "").split(/ +/);
    const isRight = timingSafeEqual(digest(sent), expected) && scheme.toLowerCase() === "bearer";
    if (isRight) return;
    throw new HttpError(401, "The token is missing or wrong, expected it as Authorization: Bearer TOKEN.", {
      "WWW-Authenticate": 'Bearer realm="nin"',
    });
  };
}

/**
 * Lets in who names this machine as such: a web page that had its own name point here does not.
 *
 * @returns a check that throws HttpError 421
 */
export const loopbackGuard: Guard = (request) => {
  const name = new URL(request.url).hostname.replace(/^\[(.*)\]$/, "$1");
  if (isLoopback(name)) return;
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

/** Of one length for all texts, so that they can be compared. */
function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
