import { SingleBar } from "cli-progress";
import type { DownloadProgress } from "nin-net";
import { decimalBytes } from "../format.ts";
import type { OutputStream } from "../output.ts";

/** Shows a download while it goes on. */
export interface DownloadView extends Disposable {
  readonly show: (progress: DownloadProgress) => void;
}

/** A bar for each file on a terminal, a line for each file elsewhere, nothing if quiet. */
export function downloadView(stream: OutputStream, { quiet }: { quiet: boolean }): DownloadView {
  let bar: SingleBar | undefined;
  let shownFile = "";

  const startFile = ({ file, fileNumber, fileCount, address, totalBytes }: DownloadProgress) => {
    bar?.stop();
    if (shownFile === "") stream.write(`Downloading from ${new URL(address).host}\n`);
    shownFile = file;
    if (!stream.isTTY) {
      stream.write(`  ${fileNumber}/${fileCount} ${file}, ${decimalBytes(totalBytes)}\n`);
      return;
    }
    bar = new SingleBar({
      stream,
      barsize: 20,
      hideCursor: true,
      barCompleteChar: "█",
      barIncompleteChar: "░",
      format: `  ${fileNumber}/${fileCount} ${file}  {bar} {percentage} % of {size}`,
    });
    bar.start(totalBytes, 0, { size: decimalBytes(totalBytes) });
  };

  return {
    show(progress) {
      if (quiet) return;
      if (progress.file !== shownFile) startFile(progress);
      bar?.setTotal(progress.totalBytes);
      bar?.update(progress.receivedBytes, { size: decimalBytes(progress.totalBytes) });
    },
    [Symbol.dispose]() {
      bar?.stop();
      bar = undefined;
    },
  };
}
