import { SingleBar } from "cli-progress";
import type { BatchSource } from "nin-net";
import type { OutputStream } from "../output.ts";

/** Passes batches on and counts them: a bar on a terminal, nothing elsewhere. */
export function countedBatches(source: BatchSource, stream: OutputStream): BatchSource & Disposable {
  const bar = new SingleBar({
    stream,
    barsize: 22,
    hideCursor: true,
    clearOnComplete: true,
    barCompleteChar: "█",
    barIncompleteChar: "░",
    format: " testing  {bar} {percentage} %  {eta_formatted} left",
  });
  return {
    count: source.count,
    batchSize: source.batchSize,
    batchCount: source.batchCount,
    *batches(epoch) {
      bar.start(source.batchCount, 0);
      for (const batch of source.batches(epoch)) {
        yield batch;
        bar.increment();
      }
    },
    [Symbol.dispose]() {
      bar.stop();
    },
  };
}
