/** Runs in a worker thread: reads a picture file, decodes it and brings it to the size that is trained on. */
import { createHash } from "node:crypto";
import { open } from "node:fs/promises";
import { type PhotoPreparation, preparePicture } from "nin-net";
import workerpool from "workerpool";
import { decodeImage, mostFileBytes, tooManyBytes } from "../pictures/decode.ts";
import { reasonOf } from "../pictures/reason.ts";
import { greyChannel, levelSums } from "./grey.ts";
import type { DecodedPicture } from "./picture-cache.ts";

export interface DecodeTask {
  readonly content: Uint8Array | { readonly path: string };
  /** Of a file: what it was when it was listed. */
  readonly bytes: number;
  readonly stamp: number;
  /** SHA-256 of contents that the cache has: they are not decoded again. */
  readonly known: string | undefined;
  readonly preparation: PhotoPreparation;
  readonly height: number;
  readonly width: number;
}

/** Classes of errors do not pass between threads, so a refusal is a result. */
export type DecodeResult =
  | { readonly kind: "decoded"; readonly sha256: string; readonly picture: DecodedPicture }
  | { readonly kind: "known"; readonly sha256: string }
  | { readonly kind: "broken"; readonly message: string }
  /** Of a file: it is another one than when it was listed. */
  | { readonly kind: "changed" };

async function decode(task: DecodeTask): Promise<DecodeResult> {
  try {
    const file = await contentOf(task);
    if (file === undefined) return { kind: "changed" };
    const sha256 = createHash("sha256").update(file).digest("hex");
    if (sha256 === task.known) return { kind: "known", sha256 };
    const { preparation, height, width } = task;
    const { pixels } = preparePicture(await decodeImage(file), {
      preparation,
      image: { channels: 3, height, width },
    });
    const grey = greyChannel(pixels);
    const sums = levelSums(pixels);
    const picture: DecodedPicture =
      grey === undefined ? { channels: 3, sums, pixels } : { channels: 1, sums, pixels: grey };
    return { kind: "decoded", sha256, picture };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === "ENOENT" ? { kind: "changed" } : { kind: "broken", message: reasonOf(error) };
  }
}

/** Undefined: the file is not the one that was listed. */
async function contentOf({ content, bytes, stamp }: DecodeTask): Promise<Uint8Array | undefined> {
  if (content instanceof Uint8Array) return content;
  const handle = await open(content.path, "r");
  try {
    const isAsListed = async () => {
      const stats = await handle.stat();
      return stats.size === bytes && stats.mtimeMs === stamp;
    };
    if (!(await isAsListed())) return undefined;
    if (bytes > mostFileBytes) throw tooManyBytes();
    const file = await handle.readFile();
    return (await isAsListed()) ? file : undefined;
  } finally {
    await handle.close();
  }
}

workerpool.worker({ decode });
