/** Runs in a worker thread: reading and drawing pictures takes long, and all other answers would wait for it. */
import {
  DataError,
  drawExplanation,
  type Explanation,
  type Invert,
  type PictureNote,
  type PicturePreparation,
  pictureOf,
  preparePicture,
} from "nin-net";
import workerpool from "workerpool";
import { decodeImage } from "../pictures/decode.ts";
import { drawingToPng } from "../pictures/png.ts";
import type { ImageShape } from "./model.ts";

export type PictureTask =
  | {
      readonly kind: "prepare";
      readonly file: Uint8Array;
      readonly invert: Invert;
      readonly mostPixels: number;
      readonly image: ImageShape;
      readonly preparation: PicturePreparation;
    }
  | {
      readonly kind: "draw";
      readonly explanation: Explanation;
      readonly image: ImageShape;
      readonly pixels: Uint8Array;
    };

/** Classes of errors do not pass between threads, so a refusal is a result. */
export type PictureResult =
  | { readonly bytes: Uint8Array; readonly notes: readonly PictureNote[] }
  | { readonly refusal: string };

async function work(task: PictureTask): Promise<PictureResult> {
  try {
    return await resultOf(task);
  } catch (error) {
    if (error instanceof DataError) return { refusal: error.message };
    throw error;
  }
}

async function resultOf(task: PictureTask): Promise<PictureResult> {
  switch (task.kind) {
    case "prepare": {
      const picture = await decodeImage(task.file, { maxPixels: task.mostPixels });
      const { pixels, notes } = preparePicture(picture, task);
      return { bytes: pixels, notes };
    }
    case "draw": {
      const picture = pictureOf(task.image, task.pixels);
      const drawing = drawExplanation(task.explanation, picture, { title: "explanation" });
      return { bytes: await drawingToPng(drawing), notes: [] };
    }
    default:
      return task satisfies never;
  }
}

workerpool.worker({ work });
