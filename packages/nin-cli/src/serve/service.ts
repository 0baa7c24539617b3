import type { Explanation } from "nin-net";
import { Batcher } from "./batcher.ts";
import type { Limits } from "./limits.ts";
import { Metrics } from "./metrics.ts";
import type { Model } from "./model.ts";
import type { Pictures } from "./picture-pool.ts";
import { type ImageSchemas, imageSchemas } from "./schemas.ts";

export interface ServiceOptions {
  readonly model: Model;
  readonly pictures: Pictures;
  readonly limits: Limits;
}

/** What all routes share: the network, its queue, the counters. */
export class Service {
  readonly model: Model;
  readonly pictures: Pictures;
  readonly limits: Limits;
  /** What images in JSON look like. */
  readonly schemas: ImageSchemas;
  readonly batcher: Batcher<Uint8Array, Explanation>;
  readonly metrics: Metrics;
  /** Requests being worked on, those included that were given up but are not done yet. */
  requests = 0;
  /** Set once the service takes no more work. */
  isClosing = false;

  constructor({ model, pictures, limits }: ServiceOptions) {
    this.model = model;
    this.pictures = pictures;
    this.limits = limits;
    this.schemas = imageSchemas(model.image, limits.images);
    this.metrics = new Metrics(() => ({ requests: this.requests, waiting: this.batcher.waiting }));
    this.batcher = new Batcher((images) => model.classify(images), limits.batchImages, this.metrics);
  }

  /** Classifies each image, in their order. */
  classify(images: readonly Uint8Array[], signal: AbortSignal): Promise<Explanation[]> {
    return Promise.all(images.map((image) => this.batcher.submit(image, signal)));
  }
}
