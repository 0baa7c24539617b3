import {
  type AnySplit,
  type BatchSource,
  type Dataset,
  type Device,
  findLearningRate,
  type Layer,
  modelNamed,
  type RateSearch,
  type Recipe,
  resizeText,
} from "nin-net";
import { rateCurveSvg, rateTable, rateText } from "../report/rate-curve.ts";
import { OutputFolder } from "../runs/output-folder.ts";
import type { Ranks } from "../runs/ranks.ts";
import { ExitStatus } from "../terminal/exit-status.ts";
import { optimizerText } from "../terminal/progress/sentences.ts";
import { barLine, percentage, StatusLines } from "../terminal/progress/status-lines.ts";
import type { StopSignal } from "../terminal/stop-signal.ts";

export interface FindRateRequest {
  readonly net: Layer;
  readonly data: Dataset<AnySplit>;
  readonly trainIter: BatchSource;
  readonly recipe: Recipe;
  readonly device: Device;
  readonly stop: StopSignal;
  /** At most. */
  readonly steps: number;
  /** Where the curve goes; undefined: nowhere. */
  readonly out: string | undefined;
  readonly json: boolean;
  readonly quiet: boolean;
}

/** `nin train --find-lr`: the loss over the learning rate, and which rate to take. Nothing of a run is kept. */
export async function runFindRate(request: FindRateRequest, ranks: Ranks): Promise<ExitStatus> {
  const { communicator, output } = ranks;
  const { net, data, trainIter, recipe, device, stop, steps, out, json, quiet } = request;
  using progress = output.stderr.isTTY && !quiet ? new StatusLines(output.stderr) : undefined;
  let done = 0;
  const search = await findLearningRate(net, trainIter, recipe, {
    device,
    steps,
    signal: stop.signal,
    communicator,
    onPoint: ({ lr, smoothedNats }) => {
      const share = ++done / steps;
      const figures = `rate ${rateText(lr)}  loss ${smoothedNats.toPrecision(4)}`;
      const after = `${percentage(share)} %  ${figures}`;
      progress?.update([barLine(output.stderr, { share, before: " rising", after, mostColumns: 22 })]);
    },
  });
  ranks.trained();
  progress?.[Symbol.dispose]();
  const file =
    !ranks.isFirst || out === undefined || search.points.length === 0
      ? null
      : await writeCurve(out, search, request);
  if (json) {
    const { dataset } = recipe;
    output.json({ net: recipe.net, dataset, synthetic: data.synthetic, ...search, file });
  } else {
    for (const line of searchLines(search)) output.result(line);
    if (file !== null) output.result(`Curve: ${file}`);
  }
  return search.reason === "stopped" ? stop.status : ExitStatus.done;
}

function writeCurve(out: string, search: RateSearch, { data, recipe }: FindRateRequest): Promise<string> {
  const { net, optimizer, batchSize, resize, seed } = recipe;
  const subtitle = [
    ...(data.synthetic ? ["synthetic images"] : []),
    `${resizeText(resize)}, batch ${batchSize}, ${optimizerText(optimizer)}, seed ${seed}`,
  ];
  const title = `Learning rates of ${modelNamed(net).title} on ${data.title}`;
  return rateCurveSvg(search, { title, subtitle }).then((svg) =>
    new OutputFolder(out).write("learning-rate.svg", Buffer.from(svg)),
  );
}

function searchLines(search: RateSearch): string[] {
  const { points, suggestion, reason } = search;
  const stopped =
    reason === "stopped" ? [`Stopped after ${points.length} steps; nothing of them is kept.`] : [];
  if (points.length === 0)
    return [...stopped, "No step gave a finite loss: there is nothing to choose from."];
  const lowest = points.reduce((best, point) => (point.smoothedNats < best.smoothedNats ? point : best)).lr;
  return [
    ...rateTable(search),
    ...stopped,
    ...(suggestion === null
      ? [
          "The loss has not fallen at any rate: no suggestion. More steps (--find-lr 300) or a network that learns " +
            "more readily (--preset robust) may show one.",
        ]
      : [
          `Suggested rate: ${rateText(suggestion)}, where the smoothed loss falls most steeply over the rate's logarithm.`,
          `The loss is lowest at ${rateText(lowest)}: a tenth of that is another usual choice.`,
          `To train with it: the same call with --lr ${rateText(suggestion)} in place of --find-lr.`,
        ]),
  ];
}
