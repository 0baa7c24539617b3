import type { DownloadProgress } from "nin-net";
import { decimalBytes } from "../format.ts";
import type { OutputStream } from "../output.ts";
import { barLine, percentage, StatusLines } from "./status-lines.ts";

/** Shows a download while it goes on. */
export interface DownloadView extends Disposable {
  readonly show: (progress: DownloadProgress) => void;
}

/** A bar for each file on a terminal, a line for each file elsewhere, nothing if quiet. */
export function downloadView(stream: OutputStream, { quiet }: { quiet: boolean }): DownloadView {
  let lines: StatusLines | undefined;
  let shownFile = "";
  let shownHost = "";

  const startFile = ({ file, fileNumber, fileCount, address, totalBytes }: DownloadProgress) => {
    lines?.keep();
    const host = new URL(address).host || "npm";
    if (host !== shownHost) stream.write(`Downloading from ${host}\n`);
    shownHost = host;
    shownFile = file;
    if (!stream.isTTY) {
      stream.write(`  ${fileNumber}/${fileCount} ${file}, ${decimalBytes(totalBytes)}\n`);
      return;
    }
    lines = new StatusLines(stream);
  };

  return {
    show(progress) {
      if (quiet) return;
      if (progress.file !== shownFile) startFile(progress);
      const { file, fileNumber, fileCount, receivedBytes, totalBytes } = progress;
      const share = receivedBytes / totalBytes;
      const before = `  ${fileNumber}/${fileCount} ${file}`;
      const after = `${percentage(share)} % of ${decimalBytes(totalBytes)}`;
      lines?.update([barLine(stream, { share, before, after, mostColumns: 20 })]);
    },
    [Symbol.dispose]() {
      lines?.keep();
      lines = undefined;
    },
  };
}
