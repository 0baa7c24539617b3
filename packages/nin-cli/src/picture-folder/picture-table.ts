import { resizeText } from "nin-net";
import { type Growth, growthOf } from "../options/growth.ts";
import { grouped, tableLines } from "../terminal/format.ts";
import type { PictureDataset } from "./picture-dataset.ts";

/** Of more classes only the largest and the smallest are shown. */
const mostRows = 20;
/** The largest class has so many times the pictures of the smallest: that is worth a word. */
const imbalance = 3;

const growthTexts: { readonly [K in Growth]: string } = {
  crop: "scaled and cropped",
  pad: "scaled, with black around them,",
  stretch: "stretched",
};

/** What pictures are trained and tested on: how many of each class, in which half, brought to what. */
export function pictureLines(data: PictureDataset): string[] {
  const { title, image, classes, train, test, pictures, areChannelsChosen } = data;
  const colours = image.channels === 1 ? "grey" : "in colour";
  const why = areChannelsChosen
    ? image.channels === 1
      ? ", as all of them are"
      : ", as some of them are"
    : "";
  const how = growthTexts[growthOf(pictures.preparation)];
  const { testShare } = pictures;
  const half = testShare === null ? "as they lie" : `by their content, about ${testShare} to test on`;
  const counts = classes.map((name, label) => ({
    name,
    train: occurrences(train.labels, label),
    test: occurrences(test.labels, label),
  }));
  return [
    `${title}: ${grouped(train.count + test.count)} pictures in ${grouped(classes.length)} classes, ${colours}${why}; ` +
      `${how} to ${resizeText([image.height, image.width])}; split ${half}`,
    ...tableOf(counts),
    ...imbalanceLines(counts),
  ];
}

interface ClassCount {
  readonly name: string;
  readonly train: number;
  readonly test: number;
}

function tableOf(counts: readonly ClassCount[]): string[] {
  const rows = counts.map(({ name, train, test }) => [name, train + test, train, test].map(shown));
  const heading = ["class", "pictures", "train", "test"];
  if (rows.length <= mostRows) return tableLines([heading, ...rows], ["left", "right"]);
  const order = counts.map((_, k) => k).sort((a, b) => totalOf(counts[b]!) - totalOf(counts[a]!) || a - b);
  const few = mostRows / 4;
  const chosen = [...order.slice(0, few), ...order.slice(-few)].map((k) => rows[k]!);
  return [
    `The ${few} largest and the ${few} smallest of ${grouped(rows.length)} classes:`,
    ...tableLines([heading, ...chosen], ["left", "right"]),
  ];
}

function imbalanceLines(counts: readonly ClassCount[]): string[] {
  const totals = counts.map(({ train }) => train);
  const [largest, smallest] = [Math.max(...totals), Math.min(...totals)];
  if (largest < imbalance * smallest) return [];
  const name = (count: number) => counts[totals.indexOf(count)]!.name;
  return [
    `The largest class, ${name(largest)}, has ${(largest / smallest).toFixed(1)} times the training pictures of the ` +
      `smallest, ${name(smallest)}: --class-weights balanced makes them count alike.`,
  ];
}

function totalOf({ train, test }: ClassCount): number {
  return train + test;
}

function shown(value: string | number): string {
  return typeof value === "number" ? grouped(value) : value;
}

function occurrences(labels: Uint8Array | Uint16Array, label: number): number {
  let count = 0;
  for (const each of labels) if (each === label) count++;
  return count;
}
