/** The same graph with activations that a device may keep as 16-bit floats before and after it. */
import { type InputNode, input, type Node, type OpNode } from "#nin-net/graph/node.js";
import { ops } from "#nin-net/ops/ops.js";

/** Name of inputs that hold ones. */
export const onesName = "ones";

/** Multiplies images' inputs and outputs by one, as far as their channels are whole vectors of four. */
export function in16Bits(outputs: Readonly<Record<string, Node>>): Readonly<Record<string, Node>> {
  const done = new Map<Node, Node>();
  const rebuilt = (node: Node): Node => {
    let made = done.get(node);
    if (made === undefined) {
      made = node.kind === "op" ? withInputs(node, node.inputs.map(rebuilt)) : node;
      if (node.kind === "input") made = timesOne(made);
      done.set(node, made);
    }
    return made;
  };
  return Object.fromEntries(
    Object.entries(outputs).map(([name, node]) => [name, timesOne(timesOne(rebuilt(node)))]),
  );
}

function withInputs(node: OpNode, inputs: readonly Node[]): OpNode {
  return { ...node, inputs };
}

const allOnes = new Map<string, InputNode>();

function timesOne(node: Node): Node {
  const { shape, dtype } = node.type;
  if (node.phase !== "slice" || dtype !== "f32" || shape.length !== 4 || shape[3]! % 4 !== 0) return node;
  const name = `${onesName} [${shape.slice(1).join(", ")}]`;
  const key = `${shape[0]} ${name}`;
  const ones = allOnes.get(key) ?? input(name, shape, "f32", "slice");
  allOnes.set(key, ones);
  return ops.mul(node, ones);
}
