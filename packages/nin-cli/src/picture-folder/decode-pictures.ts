import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import type { PhotoPreparation } from "nin-net";
import workerpool from "workerpool";
import { changed } from "./folder-tree.ts";
import type { PictureCache } from "./picture-cache.ts";
import type { BrokenFile, PictureTree, TreeContent, TreeFile } from "./picture-tree.ts";
import type { DecodeResult, DecodeTask } from "./picture-worker.ts";

/** A decoded picture of many megapixels takes as many megabytes three times: more at once would take gigabytes. */
const mostThreads = 8;

/** A thread takes a second to begin, in which others decode as many pictures. */
const picturesAThread = 8;

/** After so many pictures, or a sixteenth of all, what is decoded is there to stay, whatever ends the process. */
const picturesAtRisk = 1000;

/** How far the work has come, in files. */
export interface DecodeProgress {
  readonly done: number;
  readonly total: number;
}

export interface DecodeOptions {
  readonly preparation: PhotoPreparation;
  readonly height: number;
  readonly width: number;
  /** Rejects with the signal's reason; what was decoded before is kept. */
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: DecodeProgress) => void) | undefined;
}

/**
 * Brings files into the cache, on several threads; nothing is done where the cache has all of them.
 *
 * @returns the files that are no pictures
 * @throws DataError if a file has changed since it was listed, or the cache cannot be written
 */
export async function decodePictures(
  tree: PictureTree,
  files: readonly TreeFile[],
  cache: PictureCache,
  options: DecodeOptions,
): Promise<BrokenFile[]> {
  const wanted = files.filter((file) => cache.digestOf(file) === undefined);
  if (wanted.length === 0) return [];
  const { signal, onProgress, preparation, height, width } = options;
  const threads = Math.min(mostThreads, availableParallelism(), Math.ceil(wanted.length / picturesAThread));
  const pool = workerpool.pool(fileURLToPath(new URL("./picture-worker.js", import.meta.url)), {
    workerType: "thread",
    maxWorkers: threads,
  });
  const broken: BrokenFile[] = [];
  let done = 0;
  const each = Math.max(picturesAtRisk, Math.ceil(wanted.length / 16));
  const finish = async (file: TreeFile, result: DecodeResult): Promise<void> => {
    switch (result.kind) {
      case "decoded":
        await cache.add(file, result.sha256, result.picture);
        break;
      case "known":
        await cache.add(file, result.sha256, undefined);
        break;
      case "broken":
        broken.push({ name: file.name, message: result.message });
        break;
      case "changed":
        throw changed(`${tree.path}/${file.name}`);
      default:
        result satisfies never;
    }
    onProgress?.({ done: ++done, total: wanted.length });
    if (done % each === 0) await cache.commit(files);
  };
  /** One after the other within: the cache is written by one writer. */
  let writing = Promise.resolve();
  const work = async ({ file, content }: TreeContent): Promise<void> => {
    const { bytes, stamp } = file;
    const known = cache.lastDigestOf(file.name);
    const task: DecodeTask = { content, bytes, stamp, known, preparation, height, width };
    const result: DecodeResult = await pool.exec("decode", [task]);
    writing = writing.then(() => finish(file, result));
    await writing;
  };
  try {
    await eachOf(tree.contents(wanted), threads, async (item) => {
      signal?.throwIfAborted();
      if ("message" in item) {
        broken.push(item);
        onProgress?.({ done: ++done, total: wanted.length });
      } else await work(item);
    });
  } finally {
    await pool.terminate();
  }
  return broken;
}

/** Works on items as they come, on so many at a time; the first failure ends it, once what is under way has ended. */
async function eachOf<T>(
  items: AsyncIterable<T>,
  atOnce: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const iterator = items[Symbol.asyncIterator]();
  let failure: { readonly error: unknown } | undefined;
  const worker = async (): Promise<void> => {
    while (failure === undefined) {
      try {
        const next = await iterator.next();
        if (next.done) return;
        await work(next.value);
      } catch (error) {
        failure ??= { error };
      }
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  await iterator.return?.();
  if (failure !== undefined) throw failure.error;
}
