import { type Dataset, type DatasetName, DatasetUnavailableError, loadDataset } from "nin-net";
import type { DataOptions } from "../options/common-options.ts";
import type { Output } from "../terminal/output.ts";
import { downloadView } from "../terminal/progress/download-view.ts";

export interface DataRequest extends DataOptions {
  readonly dataset: DatasetName;
  /** Train on drawn garments rather than not at all, if the data set is not to be had. */
  readonly drawnInstead: boolean;
  readonly quiet: boolean;
  readonly signal: AbortSignal;
}

/**
 * Loads what is to be trained on, with a download and its progress if need be.
 *
 * @throws DataError as `loadDataset`
 */
export async function loadTrainingData(request: DataRequest, output: Output): Promise<Dataset> {
  const { dataset, dataDir, verify, signal } = request;
  using download = downloadView(output.stderr, { quiet: request.quiet });
  try {
    return await loadDataset(dataset, { dataDir, verify, signal, onProgress: download.show });
  } catch (error) {
    if (!request.drawnInstead || !(error instanceof DatasetUnavailableError)) throw error;
    download[Symbol.dispose]();
    output.warn(
      `${error.message}\nTraining on drawn garments instead: ten classes of small pictures made on the spot. ` +
        "What is reached on them is labelled as drawn and says nothing about Fashion-MNIST.",
    );
    return loadDataset("drawn");
  }
}
