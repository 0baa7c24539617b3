import {
  caveatOf,
  describeSettings,
  type EpochEvent,
  type OptimizerSettings,
  optimizers,
  type Recipe,
  resizeText,
  type StartEvent,
  type TrainEvent,
} from "nin-net";
import { clock, grouped, rate } from "../format.ts";

/** What is trained on what, before the first step. */
export function startLines(event: StartEvent): string[] {
  const { recipe } = event;
  const dataset = event.synthetic
    ? "synthetic images (not Fashion-MNIST)"
    : (caveatOf(event.dataset) ?? event.dataset);
  const trainImages = `${grouped(event.trainImages)} training`;
  const testImages = `${recipe.testLimit === null ? "" : "the first "}${grouped(event.testImages)} test`;
  return [
    `${event.net}, ${grouped(event.parameters)} parameters, on ${dataset}`,
    `${trainImages} and ${testImages} images at ${resizeText(recipe.resize)}, seed ${recipe.seed}`,
    `${counted(recipe.epochs, "epoch")} of ${counted(event.stepsPerEpoch, "step")}: batch ${recipe.batchSize}, ${trainingText(recipe)}`,
    event.device,
    ...(event.resumedAfter ? [resumedLine(event.resumedAfter)] : []),
  ];
}

/** How weights are changed, in a few words: `lr 0.1, momentum 0.9, cosine`. */
export function trainingText(recipe: Recipe): string {
  const { optimizer } = recipe;
  const name = optimizer.name === "sgd" ? [] : [optimizer.name];
  return [...name, `lr ${recipe.lr}`, ...settingTexts(optimizer), ...scheduleTexts(recipe)].join(", ");
}

/** `sgd, momentum 0.9`. */
export function optimizerText(optimizer: OptimizerSettings): string {
  return [optimizer.name, ...settingTexts(optimizer)].join(", ");
}

/** `0.1`, or `0.1, cosine, warm-up 1`. */
export function learningRateText(recipe: Recipe): string {
  return [recipe.lr, ...scheduleTexts(recipe)].join(", ");
}

/** The settings that are not as usual, and the momentum. */
function settingTexts({ name, ...settings }: OptimizerSettings): string[] {
  const standard = describeSettings(optimizers[name].settings);
  const changed = standard.filter(
    ({ name: key, default: usual }) => key === "momentum" || settingOf(settings, key) !== usual,
  );
  return changed.map(({ name: key, kind }) =>
    kind === "switch" ? words(key) : `${words(key)} ${settingOf(settings, key)}`,
  );
}

function scheduleTexts({ schedule, warmup }: Recipe): string[] {
  return [
    ...(schedule.name === "constant" ? [] : [schedule.name]),
    ...(warmup > 0 ? [`warm-up ${warmup}`] : []),
  ];
}

function settingOf(settings: object, key: string): unknown {
  return (settings as Readonly<Record<string, unknown>>)[key];
}

/** `weightDecay` -> `weight decay`. */
function words(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

function resumedLine({ epoch, step }: { readonly epoch: number; readonly step: number }): string {
  if (epoch === 0 && step === 0) return "Resumed from the start";
  return `Resumed after ${step > 0 ? `step ${step} of epoch ${epoch + 1}` : `epoch ${epoch}`}`;
}

/** What a person should know of an event besides figures, or null. */
export function noteOf(event: TrainEvent): string | null {
  switch (event.kind) {
    case "notice":
    case "deadClassMaps":
      return event.message;
    case "divergence":
      // The end of the run tells of the other.
      return event.action === "rollback" ? event.message : null;
    case "start":
    case "step":
    case "epoch":
    case "done":
      return null;
    default:
      return event satisfies never;
  }
}

/** The epoch's figures, within 80 columns. */
export function epochLine(event: EpochEvent, epochs: number): string {
  return [
    epochName(event.epoch, epochs),
    `loss ${event.trainLossNats.toFixed(3)}`,
    `train acc ${event.trainAccuracy.toFixed(3)}`,
    `test acc ${event.testAccuracy.toFixed(3)}`,
    `${rate(event.imagesPerSecond)} images/s`,
    clock(event.seconds),
  ].join("  ");
}

/** `epoch  3/10`: as wide for every epoch of a run. */
export function epochName(epoch: number, epochs: number): string {
  return `epoch ${String(epoch).padStart(String(epochs).length)}/${epochs}`;
}

/** `1 epoch`, `10 epochs`. */
export function counted(count: number, noun: string): string {
  return `${grouped(count)} ${noun}${count === 1 ? "" : "s"}`;
}

/** What is said of a limit that is above what there is. @param all - `60,000 training images` */
export function beyondAll(option: string, limit: number, all: string): string {
  return `${option} ${limit}: there are ${all}; all are used.`;
}
