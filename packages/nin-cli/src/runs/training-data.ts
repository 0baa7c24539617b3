import { type Dataset, DatasetUnavailableError, loadDataset } from "nin-net";
import type { DataOptions } from "../options/common-options.ts";
import { programCall } from "../terminal/invocation.ts";
import type { Output } from "../terminal/output.ts";
import { downloadView } from "../terminal/progress/download-view.ts";

export interface DataRequest extends DataOptions {
  readonly dataset: string;
  /** Train on a part of the data set that npm holds rather than not at all. */
  readonly partInstead: boolean;
  /** Train on synthetic images rather than not at all, if the data set is nowhere to be found. */
  readonly syntheticInstead: boolean;
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
    return await loadDataset(dataset, {
      dataDir,
      verify,
      signal,
      onProgress: download.show,
      standIn: request.partInstead ? "ready" : undefined,
      onStandIn: (reason) => {
        download[Symbol.dispose]();
        output.warn(
          `${reason}\nTraining on the part of it that npm has: every image is genuine, but some are missing. ` +
            `What is reached on them is labelled so. The whole: ${programCall()} data --download ${dataset}`,
        );
      },
    });
  } catch (error) {
    if (!request.syntheticInstead || !(error instanceof DatasetUnavailableError)) throw error;
    download[Symbol.dispose]();
    output.warn(
      `${error.message}\nTraining on synthetic garments instead: ten classes of small pictures drawn by the program. ` +
        "What is reached on them is labelled as synthetic and says nothing about Fashion-MNIST.",
    );
    return loadDataset("synthetic");
  }
}
