import { formatShape } from "../core/errors.ts";
import type { Layer } from "../nn/layer.ts";

/** What wrappers of PyTorch put before every name. */
const wrapperPrefix = /^(?:module|_orig_mod)\./;

/**
 * Weights under the names of a network, where theirs differ by what stands before all of them alone: those of
 * `DataParallel` or `torch.compile`, or of a class that calls its layers `net` instead of `model`.
 *
 * @returns the weights as they came where that is not so; `net.loadStateDict` then says what does not fit
 */
export function matchNames<T>(weights: Readonly<Record<string, T>>, net: Layer): Readonly<Record<string, T>> {
  const wanted = net.namedState().map(([name]) => name);
  let renamed: readonly (readonly [string, T])[] = Object.entries(weights);
  while (renamed.length > 0 && renamed.every(([name]) => wrapperPrefix.test(name))) {
    renamed = renamed.map(([name, tensor]) => [name.replace(wrapperPrefix, ""), tensor]);
  }
  const [ours, theirs] = [commonPrefix(wanted), commonPrefix(renamed.map(([name]) => name))];
  renamed = renamed.map(([name, tensor]) => [ours + name.slice(theirs.length), tensor]);
  const names = new Set(renamed.map(([name]) => name));
  const fits = names.size === wanted.length && wanted.every((name) => names.has(name));
  return fits ? Object.fromEntries(renamed) : weights;
}

/**
 * Whether tensors have the names, as {@link matchNames} takes them, and the shapes of a network's weights.
 *
 * @param anyShape - names of weights whose shape may be another
 */
export function fitsNetwork(
  tensors: Readonly<Record<string, { readonly shape: readonly number[] }>>,
  net: Layer,
  anyShape: readonly string[] = [],
): boolean {
  const matched = matchNames(tensors, net);
  return net
    .namedState()
    .every(
      ([name, { shape }]) =>
        Object.hasOwn(matched, name) &&
        (anyShape.includes(name) || formatShape(matched[name]!.shape) === formatShape(shape)),
    );
}

/** The words, each with the dot after it, that all names begin with. */
function commonPrefix(names: readonly string[]): string {
  const words = (names[0] ?? "").split(".").slice(0, -1);
  let prefix = "";
  for (const word of words) {
    if (!names.every((name) => name.startsWith(`${prefix}${word}.`))) break;
    prefix += `${word}.`;
  }
  return prefix;
}
