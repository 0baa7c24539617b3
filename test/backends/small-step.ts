/** A whole training step of a small net in the manner of Network in Network, with everything that one has. */
import { gradients } from "#nin-net/graph/autodiff.js";
import {
  type Graph,
  gradientSeed,
  type InputNode,
  input,
  type Node,
  type StateNode,
  state,
} from "#nin-net/graph/node.js";
import { dropout } from "#nin-net/ops/composites/dropout.js";
import { ops } from "#nin-net/ops/ops.js";

const parameters = {
  "0.weight": [5, 5, 1, 6],
  "0.bias": [6],
  "1.weight": [1, 1, 6, 9],
  "1.bias": [9],
  "2.weight": [3, 3, 9, 4],
  "2.bias": [4],
} as const;

/** Every state of the program, by name: weights, and a momentum buffer each. */
export const stepState: Readonly<Record<string, readonly number[]>> = Object.fromEntries(
  Object.entries(parameters).flatMap(([name, shape]) => [
    [name, shape],
    [`${name}.momentum`, shape],
  ]),
);

const scalars = ["minusLr", "momentum", "inverseBatch"].map((name) => input(name, [1], "f32", "step")) as [
  InputNode,
  InputNode,
  InputNode,
];
const one = gradientSeed("one", [1]);

/** Inputs: images u8 [n, 11, 10, 1], labels u8 [n], key, minusLr, momentum, inverseBatch, one. */
export function trainingStep(images: number): Graph {
  const bytes = input("images", [images, 11, 10, 1], "u8", "slice");
  const labels = input("labels", [images], "u8", "slice");
  const key = input("key", [3], "u32", "step");
  const [minusLr, momentum, inverseBatch] = scalars;
  const states = new Map(Object.entries(stepState).map(([name, shape]) => [name, state(name, shape)]));
  const get = (name: string): StateNode => states.get(name)!;

  const block = (x: Node, index: number, stride: number, padding: number) => {
    const y = ops.conv2d(x, get(`${index}.weight`), { stride, padding });
    return ops.relu(ops.addBias(y, get(`${index}.bias`)));
  };
  let x: Node = ops.resizeBilinear(ops.fromBytes(bytes), { height: 22, width: 20 });
  x = block(x, 0, 2, 0); // [n, 9, 8, 6]
  x = block(x, 1, 1, 0); // [n, 9, 8, 9]
  x = ops.maxPool2d(x, { kernel: 3, stride: 2, padding: 0 }); // [n, 4, 3, 9]
  x = dropout(x, key, { rate: 0.5, stream: 0 });
  x = block(x, 2, 1, 1); // [n, 4, 3, 4]
  x = ops.adaptiveAvgPool2d(x, { height: 1, width: 1 });
  const logits = ops.reshape(x, { shape: [images, 4] });
  const loss = ops.scaleBy(ops.sumSlices(ops.sumAll(ops.crossEntropy(logits, labels))), inverseBatch);
  const correct = ops.sumSlices(ops.sumAll(ops.countCorrect(logits, labels)));

  const names = Object.keys(parameters);
  const found = gradients(loss, names.map(get), one);
  const updates = new Map<StateNode, Node>();
  names.forEach((name, i) => {
    const velocity = ops.add(ops.scaleBy(get(`${name}.momentum`), momentum), ops.sumSlices(found[i]!));
    updates.set(get(`${name}.momentum`), velocity);
    updates.set(get(name), ops.add(get(name), ops.scaleBy(velocity, minusLr)));
  });
  return { outputs: { loss, correct, logits }, updates };
}
