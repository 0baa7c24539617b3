import type { z } from "zod";
import type { RefusalStatus } from "./http-error.ts";

/** A JSON Schema: made from a zod schema, or written out for what is not JSON. */
export type ContentSchema = z.ZodType | Readonly<Record<string, unknown>>;

/** What a route is given besides the request. */
export interface Call {
  /** The query, as the route's schema made it. */
  readonly query: Readonly<Record<string, unknown>>;
  /** Aborted when time is up or the caller has gone. */
  readonly signal: AbortSignal;
  /** Reads the body; its length and time are limited. */
  body(): Promise<Uint8Array<ArrayBuffer>>;
}

/** One path of the service: what it does, and everything that its document says of it. */
export interface Route {
  readonly method: "GET" | "POST";
  readonly path: string;
  /** One word, for programs made from the document. */
  readonly id: string;
  readonly summary: string;
  readonly description?: string;
  /** For everybody, even where a token is asked for. */
  readonly isOpen?: boolean;
  /** Works on images: counted, limited in number and time. */
  readonly isWork?: boolean;
  readonly query?: z.ZodObject;
  /** Bodies that it takes, by media type. */
  readonly takes?: Readonly<Record<string, ContentSchema>>;
  /** Bodies of its answer, by media type. */
  readonly gives: Readonly<Record<string, ContentSchema>>;
  /** Statuses of its own refusals; those that every route has come on top. */
  readonly refuses: readonly RefusalStatus[];
  answer(request: Request, call: Call): Response | Promise<Response>;
}
