import { NinError } from "nin-net";

/** Every status that a refusal can have, and the word for it that programs read. */
export const refusals = {
  400: "bad_request",
  401: "unauthorized",
  404: "not_found",
  405: "method_not_allowed",
  408: "request_timeout",
  413: "body_too_large",
  415: "unsupported_media_type",
  417: "expectation_failed",
  421: "misdirected_request",
  422: "unprocessable",
  431: "headers_too_large",
  500: "internal",
  503: "unavailable",
  504: "timeout",
} as const;

export type RefusalStatus = keyof typeof refusals;

/** All that callers are told of a fault of this program. */
export const serviceFailed = "The service failed; this is not the request's fault. Its log says more.";

/** What the body of every refusal holds. */
export interface ErrorBody {
  readonly error: {
    readonly status: RefusalStatus;
    /** One word a status, see {@link refusals}. */
    readonly code: (typeof refusals)[RefusalStatus];
    /** One or two sentences for a person. */
    readonly message: string;
  };
}

/** A request that is refused, and with what status. */
export class HttpError extends NinError {
  override name = "HttpError";
  readonly status: RefusalStatus;
  /** Headers that the status asks for, e.g. `Allow`. */
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: RefusalStatus, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.status = status;
    this.headers = headers;
  }

  get body(): ErrorBody {
    return { error: { status: this.status, code: refusals[this.status], message: this.message } };
  }
}
