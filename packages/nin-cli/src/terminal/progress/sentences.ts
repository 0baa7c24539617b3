import { type EpochEvent, resizeText, type StartEvent, type TrainEvent } from "nin-net";
import { clock, grouped, rate } from "../format.ts";

/** What is trained on what, before the first step. */
export function startLines(event: StartEvent): string[] {
  const { recipe } = event;
  const trainImages = `${grouped(event.trainImages)} training`;
  return [
    `${event.net}, ${grouped(event.parameters)} parameters, on ${event.drawn ? "synthetic images (not Fashion-MNIST)" : event.dataset}`,
    `${trainImages} and ${grouped(event.testImages)} test images at ${resizeText(recipe.resize)}, seed ${recipe.seed}`,
    `${counted(recipe.epochs, "epoch")} of ${counted(event.stepsPerEpoch, "step")}: batch ${recipe.batchSize}, lr ${recipe.lr}, momentum ${recipe.momentum}`,
    event.device,
    ...(event.resumedAfter ? [resumedLine(event.resumedAfter)] : []),
  ];
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
