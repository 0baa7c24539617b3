import { RunningMean } from "./running-mean.ts";
import type { BatchMeasure } from "./session.ts";
import { Stopwatch } from "./stopwatch.ts";
import type { Progress } from "./training-state.ts";

/** A run's progress while it goes on; {@link Progress} is its value at one moment. */
export class ProgressTracker {
  #epoch: number;
  #step: number;
  #running: RunningMean;
  #testAccuracy: number | null;
  #best: Progress["best"];
  #deadClassMaps: readonly number[];
  readonly lr: number;
  readonly rollbacks: number;
  readonly #run: Stopwatch;
  readonly #training: Stopwatch;
  #epochWatch: Stopwatch;
  #epochTraining: Stopwatch;
  /** Training steps at work. */
  #underWay = 0;

  constructor(from: Progress) {
    this.#epoch = from.epoch;
    this.#step = from.step;
    this.#running = new RunningMean(from.running);
    this.lr = from.lr;
    this.rollbacks = from.rollbacks;
    this.#testAccuracy = from.testAccuracy;
    this.#best = from.best;
    this.#deadClassMaps = from.deadClassMaps;
    this.#run = new Stopwatch(from.seconds.run);
    this.#training = new Stopwatch(from.seconds.training);
    this.#epochWatch = new Stopwatch(from.seconds.epoch);
    this.#epochTraining = new Stopwatch(from.seconds.epochTraining);
    this.#run.start();
  }

  get progress(): Progress {
    return {
      epoch: this.#epoch,
      step: this.#step,
      running: this.#running.sums,
      lr: this.lr,
      rollbacks: this.rollbacks,
      testAccuracy: this.#testAccuracy,
      best: this.#best,
      deadClassMaps: this.#deadClassMaps,
      seconds: {
        run: this.#run.seconds,
        training: this.#training.seconds,
        epoch: this.#epochWatch.seconds,
        epochTraining: this.#epochTraining.seconds,
      },
    };
  }

  /** Whole epochs done. */
  get epoch(): number {
    return this.#epoch;
  }

  /** Steps done in the epoch after them. */
  get step(): number {
    return this.#step;
  }

  /** Over the last epoch in which a step was done. */
  get mean(): RunningMean {
    return this.#running;
  }

  get testAccuracy(): number | null {
    return this.#testAccuracy;
  }

  get deadClassMaps(): readonly number[] {
    return this.#deadClassMaps;
  }

  get seconds(): number {
    return this.#run.seconds;
  }

  /** Of the current epoch. */
  get epochSeconds(): number {
    return this.#epochWatch.seconds;
  }

  beginEpoch(): void {
    this.#epochWatch.start();
  }

  /** Times the work of a training step; time that steps have in common counts once. */
  async timed<T>(work: () => Promise<T>): Promise<T> {
    this.#underWay++;
    this.#training.start();
    this.#epochTraining.start();
    try {
      return await work();
    } finally {
      if (--this.#underWay === 0) {
        this.#training.stop();
        this.#epochTraining.stop();
      }
    }
  }

  finishStep(measure: BatchMeasure): void {
    if (this.#step === 0) this.#running = new RunningMean();
    this.#running.add(measure);
    this.#step++;
  }

  finishEpoch(testAccuracy: number, deadClassMaps: readonly number[]): void {
    this.#epoch++;
    this.#step = 0;
    this.#testAccuracy = testAccuracy;
    this.#deadClassMaps = deadClassMaps;
    if (this.#best === null || testAccuracy > this.#best.testAccuracy) {
      this.#best = { epoch: this.#epoch, testAccuracy };
    }
    this.#epochWatch = new Stopwatch();
    this.#epochTraining = new Stopwatch();
  }

  /**
   * Images a second over the whole run, counting training steps alone; 0 if no step was done.
   *
   * @param epochImages - training images an epoch
   */
  imagesPerSecond(epochImages: number): number {
    const images = this.#epoch * epochImages + (this.#step > 0 ? this.#running.images : 0);
    return rate(images, this.#training.seconds);
  }

  /** As {@link imagesPerSecond}, of the current epoch. */
  get epochImagesPerSecond(): number {
    return rate(this.#running.images, this.#epochTraining.seconds);
  }
}

function rate(images: number, seconds: number): number {
  return seconds > 0 ? images / seconds : 0;
}
