import type { OutputStream } from "../output.ts";
import { counted } from "./sentences.ts";
import { barLine, percentage, StatusLines } from "./status-lines.ts";

/** Shows how far the reading of pictures has come. */
export interface PictureView extends Disposable {
  readonly show: (progress: { readonly done: number; readonly total: number }) => void;
}

/** A bar on a terminal, a line elsewhere, nothing if quiet. */
export function pictureView(stream: OutputStream, { quiet }: { quiet: boolean }): PictureView {
  let lines: StatusLines | undefined;
  let isBegun = false;
  return {
    show({ done, total }) {
      if (quiet) return;
      if (!isBegun && !stream.isTTY) stream.write(`Reading ${counted(total, "picture")}\n`);
      if (!isBegun && stream.isTTY) lines = new StatusLines(stream);
      isBegun = true;
      const share = done / total;
      const after = `${percentage(share)} % of ${counted(total, "picture")}`;
      lines?.update([barLine(stream, { share, before: " reading", after, mostColumns: 22 })]);
    },
    [Symbol.dispose]() {
      lines?.[Symbol.dispose]();
      lines = undefined;
    },
  };
}
