import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import type { BatchObserver } from "./batcher.ts";

/** What the gauges show, asked for when somebody reads them. */
export interface Present {
  /** Requests being worked on. */
  readonly requests: number;
  /** Images whose batch has not begun. */
  readonly waiting: number;
}

/** Counts what the service does, for Prometheus. */
export class Metrics implements BatchObserver {
  readonly #registry = new Registry();
  readonly #requests: Counter;
  readonly #requestSeconds: Histogram;
  readonly #batchImages: Histogram;
  readonly #batchSeconds: Histogram;

  /** @param present - called at each reading */
  constructor(present: () => Present) {
    const registers = [this.#registry];
    collectDefaultMetrics({ register: this.#registry });
    this.#requests = new Counter({
      name: "nin_requests_total",
      help: "Requests answered, by route, method and status.",
      labelNames: ["route", "method", "status"],
      registers,
    });
    this.#requestSeconds = new Histogram({
      name: "nin_request_seconds",
      help: "Seconds from a request's head to its answer, by route.",
      labelNames: ["route"],
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
      registers,
    });
    this.#batchImages = new Histogram({
      name: "nin_batch_images",
      help: "Images that the network was given at once.",
      buckets: [1, 2, 4, 8, 16, 32, 64, 128],
      registers,
    });
    this.#batchSeconds = new Histogram({
      name: "nin_batch_seconds",
      help: "Seconds that the network took for a batch.",
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
      registers,
    });
    new Gauge({
      name: "nin_requests_in_flight",
      help: "Requests being worked on.",
      registers,
      collect() {
        this.set(present().requests);
      },
    });
    new Gauge({
      name: "nin_images_waiting",
      help: "Images that wait for the network.",
      registers,
      collect() {
        this.set(present().waiting);
      },
    });
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  /** In Prometheus's text format. */
  text(): Promise<string> {
    return this.#registry.metrics();
  }

  ran(images: number, seconds: number): void {
    this.#batchImages.observe(images);
    this.#batchSeconds.observe(seconds);
  }

  /** @param route - a path of the service, or `other`: no text that callers choose becomes a label */
  answered(route: string, method: string, status: number, seconds: number): void {
    const known = knownMethods.has(method) ? method : "other";
    this.#requests.inc({ route, method: known, status });
    this.#requestSeconds.observe({ route }, seconds);
  }
}

const knownMethods = new Set(["GET", "HEAD", "POST"]);
