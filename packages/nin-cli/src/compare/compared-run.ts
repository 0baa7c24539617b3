import { DataIterator, type Device, evaluateWithScores, preprocessedShape, Session } from "nin-net";
import { networkOf } from "../runs/trained-run.ts";
import type { OutputStream } from "../terminal/output.ts";
import { countedBatches } from "../terminal/progress/counted-batches.ts";
import { type Answers, answersOf } from "./answers.ts";
import { type NetworkFacts, networkFacts } from "./network-facts.ts";
import type { RunRecord } from "./run-record.ts";
import type { TestSet } from "./test-set.ts";

/** A run and what it says of the test images. */
export interface ComparedRun extends RunRecord {
  readonly network: NetworkFacts;
  readonly testSet: TestSet;
  readonly answers: Answers;
}

export interface TestOptions {
  readonly device: Device;
  readonly signal: AbortSignal;
  /** Where progress is shown. */
  readonly stream: OutputStream;
}

/**
 * Classifies the test images with the weights of a run's newest checkpoint.
 *
 * @throws DataError if the run is damaged; NinError if its weights are of another network
 */
export async function testRun(
  record: RunRecord,
  testSet: TestSet,
  { device, signal, stream }: TestOptions,
): Promise<ComparedRun> {
  const { run } = record;
  const { image, preprocessing } = run;
  const { recipe } = run.config;
  const net = networkOf(recipe, image);
  await run.loadCheckpoint(net);
  using session = await Session.open(net, device);
  const images = new DataIterator(testSet.split, { batchSize: recipe.batchSize, ...preprocessing });
  using testIter = countedBatches(images, stream);
  const { scores } = await evaluateWithScores(session, testIter, { signal });
  return {
    ...record,
    network: networkFacts(net, preprocessedShape(image, preprocessing)),
    testSet,
    answers: answersOf(scores, testSet.split.labels),
  };
}
