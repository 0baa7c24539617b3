import { duration, grouped, percent, rate, three } from "../report/figures.ts";
import { beatsChance } from "../statistics/beats-chance.ts";
import { secondsTo } from "./curve-points.ts";
import type { ComparisonRow } from "./rows.ts";

/** What the series says of its networks, and what was measured. */
export interface Claim {
  readonly claim: string;
  /** Null: cannot be told from these runs. */
  readonly holds: boolean | null;
  /** In figures. */
  readonly measured: string;
}

/** The network that the claims are about, and those that it is set against; names of the registry. */
const about = "nin";
const against: readonly string[] = ["lenet", "alexnet", "vgg"];

type ClaimedRow = Pick<ComparisonRow, "net" | "title" | "runs" | "imagesPerSecond">;

/**
 * The claims of the series about Network in Network beside LeNet, AlexNet and VGG: fewer parameters, no fully
 * connected layers, sometimes longer training. Of several rows of one network the first counts.
 *
 * @returns none, unless Network in Network and another of them are there
 */
export function seriesClaims(rows: readonly ClaimedRow[]): Claim[] {
  const nin = rows.find(({ net }) => net === about);
  const others = against.flatMap((name) => rows.find(({ net }) => net === name) ?? []);
  if (nin === undefined || others.length === 0) return [];
  return [
    ...others.map((other) => fewerParameters(nin, other)),
    noFullyConnected(nin, others),
    ...others.map((other) => longerTraining(nin, other)),
  ];
}

function fewerParameters(nin: ClaimedRow, other: ClaimedRow): Claim {
  const [own, its] = [nin.runs[0].network.parameters, other.runs[0].network.parameters];
  return {
    claim: `${nin.title} has fewer parameters than ${other.title}.`,
    holds: own < its,
    measured: `${grouped(own)} against ${grouped(its)}: ${timesText(its / own)}.`,
  };
}

function noFullyConnected(nin: ClaimedRow, others: readonly ClaimedRow[]): Claim {
  const part = ({ title, runs: [{ network }] }: ClaimedRow) => {
    const { layers, parameters } = network.fullyConnected;
    if (layers === 0) return `${title} has none`;
    return `${title} has ${layers}, with ${percent(parameters / network.parameters)} of its parameters`;
  };
  return {
    claim: `${nin.title} has no fully connected layers; the others have.`,
    holds:
      nin.runs[0].network.fullyConnected.layers === 0 &&
      others.every(({ runs: [{ network }] }) => network.fullyConnected.layers > 0),
    measured: `${[nin, ...others].map(part).join("; ")}.`,
  };
}

/** By what an image takes in training, and by when both were equally accurate. */
function longerTraining(nin: ClaimedRow, other: ClaimedRow): Claim {
  const claim = `${nin.title} sometimes takes longer to train than ${other.title}.`;
  const machines = [nin, other].map(({ runs: [{ run, start }] }) => `${run.config.machine} ${start?.device}`);
  if (nin.imagesPerSecond === null || other.imagesPerSecond === null) {
    return { claim, holds: null, measured: "An epoch of one of them is missing." };
  }
  if (machines[0] !== machines[1]) {
    return { claim, holds: null, measured: "They were trained on different machines." };
  }
  const ratio = other.imagesPerSecond / nin.imagesPerSecond;
  const speeds = `${rate(nin.imagesPerSecond)} images a second against ${rate(other.imagesPerSecond)}`;
  return {
    claim,
    holds: ratio > 1,
    measured: `${speeds}: an image takes ${factorText(ratio)} times as long. ${raceText(nin, other)}`,
  };
}

/** When each first had the highest accuracy that both came to. */
function raceText(nin: ClaimedRow, other: ClaimedRow): string {
  const highest = [nin, other].map(({ runs: [{ epochs }] }) =>
    Math.max(...epochs.map(({ testAccuracy }) => testAccuracy)),
  );
  const goal = Math.min(...highest);
  if (!beatsChance(goal, nin.runs[0].testSet.data.classes.length)) {
    return "They have learned too little to tell when both were equally accurate.";
  }
  const [own, its] = [nin, other].map(({ runs: [{ epochs }] }) => duration(secondsTo(epochs, goal)!));
  return `A test accuracy of ${three(goal)}, to which both came, took ${own} against ${its}.`;
}

/** `23.5 times fewer`, of a ratio above 1; of one below `32.3 times more`. */
function timesText(ratio: number): string {
  if (ratio === 1) return "as many";
  return `${factorText(Math.max(ratio, 1 / ratio))} times ${ratio > 1 ? "fewer" : "more"}`;
}

/** Three digits, as far as they say something: `2.67`, `23.5`, `194`. */
function factorText(factor: number): string {
  return factor >= 100 ? grouped(Math.round(factor)) : factor.toPrecision(3);
}
