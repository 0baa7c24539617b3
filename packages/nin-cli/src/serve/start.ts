import type { Device, Layer, PicturePreparation, PreprocessingOptions } from "nin-net";
import { createApp } from "./app.ts";
import type { Limits } from "./limits.ts";
import type { ImageShape } from "./model.ts";
import { NetworkModel } from "./network-model.ts";
import { PicturePool } from "./picture-pool.ts";
import { type Listening, listen } from "./server.ts";
import { Service } from "./service.ts";

export interface StartOptions {
  readonly device: Device;
  /** Names of the classes, by number. */
  readonly classes: readonly string[];
  /** What the images are that the network was trained on, as stored. */
  readonly image: ImageShape;
  /** How it sees them. */
  readonly preprocessing: PreprocessingOptions;
  /** How the images of its data set were made, and pictures are to be. */
  readonly preparation: PicturePreparation;
  readonly limits: Limits;
  readonly host: string;
  readonly port: number;
  readonly token: string | undefined;
  /** Of web pages that may call too. */
  readonly origins: readonly string[];
  /** Of this package. */
  readonly version: string;
  /** Told of errors that are no refusal. */
  readonly onFault: (error: unknown) => void;
}

/** A service that can be called. */
export interface Running extends Listening {
  /** Requests being worked on. */
  readonly requests: number;
}

/**
 * Serves a trained network over HTTP.
 *
 * @throws NinError if the address cannot be had or the network does not fit
 */
export async function startService(net: Layer, options: StartOptions): Promise<Running> {
  const { limits, image } = options;
  const model = await NetworkModel.open(net, options);
  const pictures = new PicturePool(options);
  const free = async () => {
    await pictures.close();
    model[Symbol.dispose]();
  };
  try {
    // The first callers do not wait for programs to be compiled.
    const blank = new Uint8Array(image.channels * image.height * image.width);
    for (const images of [1, limits.batchImages]) await model.classify(new Array(images).fill(blank));
    const service = new Service({ model, pictures, limits });
    const { url, close } = await listen(createApp(service, options), service, options);
    return {
      url,
      get requests() {
        return service.requests;
      },
      async close() {
        await close();
        await free();
      },
    };
  } catch (error) {
    await free();
    throw error;
  }
}
