import type { BatchSource } from "nin-net";
import { clock } from "../format.ts";
import type { OutputStream } from "../output.ts";
import { barLine, percentage, StatusLines } from "./status-lines.ts";

/** Passes batches on and counts them: a bar on a terminal, nothing elsewhere. */
export function countedBatches(source: BatchSource, stream: OutputStream): BatchSource & Disposable {
  const { count, batchSize, batchCount } = source;
  let lines: StatusLines | undefined;
  const show = (done: number, startedAt: number) => {
    const share = done / batchCount;
    const seconds = (performance.now() - startedAt) / 1000;
    const left = clock((seconds * (batchCount - done)) / done);
    const after = `${percentage(share)} %  ${left} left`;
    lines?.update([barLine(stream, { share, before: " testing", after, mostColumns: 22 })]);
  };
  return {
    count,
    batchSize,
    batchCount,
    *batches(epoch) {
      if (stream.isTTY) lines = new StatusLines(stream);
      const startedAt = performance.now();
      show(0, startedAt);
      let done = 0;
      for (const batch of source.batches(epoch)) {
        yield batch;
        show(++done, startedAt);
      }
    },
    [Symbol.dispose]() {
      lines?.[Symbol.dispose]();
    },
  };
}
