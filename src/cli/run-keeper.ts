import type { Layer } from "../nn/layer.ts";
import { type CurvePoint, type CurvesOptions, curvesSvg } from "../report/curves.ts";
import type { TrainEvent } from "../train/events.ts";
import type { RunFolder } from "../train/run-folder.ts";

/** Keeps a run in its folder as it goes on: events, weights, curves. */
export class RunKeeper {
  readonly #run: RunFolder;
  readonly #net: Layer;
  readonly #curves: CurvesOptions;
  readonly #points: CurvePoint[] = [];
  #stepsSinceEpoch = 0;

  /** @param net - the one that is trained; training brings it up to date before `epoch` and `done` */
  constructor(run: RunFolder, net: Layer, curves: CurvesOptions) {
    this.#run = run;
    this.#net = net;
    this.#curves = curves;
  }

  /** @throws DataError if the folder cannot be written to */
  async keep(event: TrainEvent): Promise<void> {
    await this.#run.append(event);
    switch (event.kind) {
      case "start":
      case "notice":
        return;
      case "step":
        this.#stepsSinceEpoch = event.step;
        return;
      case "epoch":
        this.#stepsSinceEpoch = 0;
        this.#points.push(event);
        await this.#saveWeights();
        await this.#run.writeFile("curves.svg", await curvesSvg(this.#points, this.#curves));
        return;
      case "done":
        if (this.#stepsSinceEpoch > 0 || this.#points.length === 0) await this.#saveWeights();
        return;
      default:
        return event satisfies never;
    }
  }

  #saveWeights(): Promise<void> {
    return this.#run.saveCheckpoint(this.#net, { epoch: this.#points.length, step: this.#stepsSinceEpoch });
  }
}
