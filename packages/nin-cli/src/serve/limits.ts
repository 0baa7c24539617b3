/** What the service takes on; more is refused. */
export interface Limits {
  /** Bytes of a request's body. */
  readonly bodyBytes: number;
  /** Pixels of a picture, width times height, before it is made small. */
  readonly pixels: number;
  /** Images in a request. */
  readonly images: number;
  /** Requests worked on at the same time. */
  readonly requests: number;
  /** From a request's head to its answer. */
  readonly seconds: number;
  /** That a connection without a request stays open. */
  readonly keepAliveSeconds: number;
  /** Images that the network is given at once. */
  readonly batchImages: number;
}

/** Room for photographs as phones take them, and for a few dozen callers. */
export const defaultLimits: Limits = {
  bodyBytes: 8_000_000,
  pixels: 25_000_000,
  images: 64,
  requests: 128,
  seconds: 10,
  keepAliveSeconds: 75, // load balancers reuse a connection for up to 60 s
  batchImages: 32,
};
