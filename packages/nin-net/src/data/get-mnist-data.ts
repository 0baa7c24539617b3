import type { PreprocessingOptions } from "../core/preprocessing.ts";
import { DataIterator } from "./data-iterator.ts";
import type { Split } from "./dataset.ts";
import type { DatasetName } from "./datasets.ts";
import type { DatasetDefinition } from "./definition.ts";
import { type LoadOptions, loadDataset } from "./load-dataset.ts";

/** How {@link getMnistData} loads and batches. */
export interface MnistDataOptions extends LoadOptions, PreprocessingOptions {
  /** Default: `fashion-mnist`. */
  readonly dataset?: DatasetName | DatasetDefinition | undefined;
  /** Only the first `limit` training images; default: all. */
  readonly limit?: number | null | undefined;
  /** Only the first `testLimit` test images; default: all. */
  readonly testLimit?: number | null | undefined;
  /** Decides the order of the training images in each epoch; default: 0. */
  readonly seed?: number | undefined;
}

/**
 * Training and test batches of Fashion-MNIST, or of another data set: the training images in a new order every
 * epoch, the last, shorter batch kept.
 *
 * @throws DataError as {@link loadDataset}
 * @throws ShapeError as {@link DataIterator}
 */
export async function getMnistData(
  batchSize: number,
  options: MnistDataOptions = {},
): Promise<[train: DataIterator<Split>, test: DataIterator<Split>]> {
  const { resize, mean, std, limit, testLimit, seed } = options;
  const { train, test } = await loadDataset(options.dataset ?? "fashion-mnist", options);
  return [
    new DataIterator(train, { batchSize, resize, mean, std, shuffle: true, seed, limit }),
    new DataIterator(test, { batchSize, resize, mean, std, limit: testLimit }),
  ];
}
