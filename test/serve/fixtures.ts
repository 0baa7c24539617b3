import type { TestContext } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { createApp } from "#nin-cli/serve/app.js";
import { defaultLimits, type Limits } from "#nin-cli/serve/limits.js";
import type { Model } from "#nin-cli/serve/model.js";
import type { Pictures } from "#nin-cli/serve/picture-pool.js";
import { type Listening, listen } from "#nin-cli/serve/server.js";
import { Service } from "#nin-cli/serve/service.js";
import { DataError } from "#nin-net/core/errors.js";
import type { Explanation } from "#nin-net/explain/explain.js";
import { predictionOf } from "#nin-net/inference/predict.js";
import type { PictureNote } from "#nin-net/inference/prepare-picture.js";

const pixelCount = 28 * 28;

/** A picture file of the tests' own format: four letters, then the grey levels. */
export function greyFile(level: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from([...Buffer.from("GREY"), ...new Array<number>(pixelCount).fill(level)]);
}

/** 28 rows of one grey level, for JSON. */
export function greyRows(level: number): number[][] {
  return Array.from({ length: 28 }, () => new Array<number>(28).fill(level));
}

/** What {@link greyPictures} notes of a picture of level 77. */
export const unsure: PictureNote = { code: "uneven-background", message: "the background is uneven." };

/** Reads the tests' own format; draws an explanation by its likeliest class's name. */
export const greyPictures: Pictures = {
  async prepare(file, { invert, mostPixels }) {
    if (Buffer.from(file.subarray(0, 4)).toString("latin1") !== "GREY") {
      throw new DataError("image: is not a picture.");
    }
    if (mostPixels < pixelCount)
      throw new DataError(`picture: has 784 pixels, expected at most ${mostPixels}.`);
    const pixels = file.slice(4);
    const notes: PictureNote[] = pixels[0] === 77 ? [unsure] : [];
    return { pixels: invert === "yes" ? pixels.map((level) => 255 - level) : pixels, notes };
  },
  draw: async ({ top }, pixels) => Buffer.from(`${top.name} ${pixels[0]}`),
};

/** Says `dark`, `grey` or `light` of an image by its first pixel: 0 to 84, 85 to 169, 170 to 255. */
export class ToneModel implements Model {
  readonly image = { channels: 1, height: 28, width: 28 };
  readonly classes = ["dark", "grey", "light"];
  whyNoMaps: string | undefined;
  /** Sizes of the batches so far. */
  readonly batches: number[] = [];
  /** Called before each batch. */
  before: () => Promise<unknown> = async () => {};

  async classify(images: readonly Uint8Array[]): Promise<Explanation[]> {
    this.batches.push(images.length);
    await this.before();
    return images.map((pixels) => {
      const tone = Math.min(2, Math.floor(pixels[0]! / 85));
      const logits = Float32Array.from([0, 1, 2], (index) => (index === tone ? 1 : 0));
      return {
        ...predictionOf(logits, this.classes),
        maps: Array.from(logits, (logit) => ({ height: 2, width: 2, data: new Float32Array(4).fill(logit) })),
        inputSize: [28, 28] as const,
        field: undefined,
      };
    });
  }
}

export interface TestService {
  readonly service: Service;
  readonly model: ToneModel;
  readonly app: ReturnType<typeof createApp>;
  /** Errors that were no refusal. */
  readonly faults: unknown[];
}

export function testService(
  limits: Partial<Limits> = {},
  {
    token,
    origins = [],
    pictures = greyPictures,
  }: { token?: string; origins?: readonly string[]; pictures?: Pictures } = {},
): TestService {
  const model = new ToneModel();
  const service = new Service({ model, pictures, limits: { ...defaultLimits, ...limits } });
  const faults: unknown[] = [];
  const onFault = (error: unknown) => void faults.push(error);
  return { service, model, faults, app: createApp(service, { version: "1.2.3", token, origins, onFault }) };
}

/** A service on a free port of this machine, until the test ends. */
export async function testServer(
  t: TestContext,
  ...parameters: Parameters<typeof testService>
): Promise<TestService & { listening: Listening; port: number }> {
  const made = testService(...parameters);
  const onFault = (error: unknown) => void made.faults.push(error);
  const listening = await listen(made.app, made.service, { host: "127.0.0.1", port: 0, onFault });
  t.after(() => listening.close());
  return { ...made, listening, port: Number(new URL(listening.url).port) };
}

/** A promise that the test keeps. */
export function held(): { promise: Promise<void>; release: () => void } {
  let release = () => {};
  const promise = new Promise<void>((resolve) => {
    release = resolve;
  });
  return { promise, release };
}

/** Waits until something holds. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await delay(5);
}

/** A request to predict, as JSON unless said otherwise. */
export function post(
  body: string | Uint8Array<ArrayBuffer> | FormData | object,
  headers: Readonly<Record<string, string>> = {},
): RequestInit {
  const isRaw = typeof body === "string" || body instanceof Uint8Array || body instanceof FormData;
  return {
    method: "POST",
    body: isRaw ? (body as BodyInit) : JSON.stringify(body),
    headers: body instanceof FormData ? headers : { "Content-Type": "application/json", ...headers },
  };
}
