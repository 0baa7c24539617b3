import { formatShape, NinError } from "../core/errors.ts";
import { type Graph, inputsOf, type Node, rootsOf, topologicalOrder } from "./node.ts";

/**
 * Refuses a graph that cannot be run slice by slice, or that cannot update its state.
 *
 * @param images - images in the slice that the graph was traced for
 * @throws NinError naming the op, output or state that is wrong
 */
export function checkGraph(graph: Graph, images: number): void {
  const named = new Set<string>();
  for (const node of topologicalOrder(rootsOf(graph))) {
    if (node.kind !== "op") {
      const key = `${node.kind} "${node.name}"`;
      if (named.has(key)) {
        throw new NinError(
          `${key}: got two nodes of this name, expected one. Make the node once and use it everywhere.`,
        );
      }
      named.add(key);
      continue;
    }
    if (node.op.sumsSlices) checkSummed(node.op.opName, node.inputs[0]!);
    else checkPhases(node.op.opName, inputsOf(node));
  }
  for (const [name, { phase, type }] of Object.entries(graph.outputs)) {
    if (phase !== "slice" || type.shape[0] === images) continue;
    throw new NinError(
      `output "${name}": got shape ${formatShape(type.shape)} from a slice of ${images} images, expected [${images}, ...]. Add it up over the slices with sumSlices first.`,
    );
  }
  for (const [state, value] of graph.updates) {
    if (value.phase === "slice") {
      throw new NinError(
        `update of "${state.name}": got a value of one slice, expected one of the whole batch. Add it up with sumSlices first.`,
      );
    }
    const got = `${formatShape(value.type.shape)} ${value.type.dtype}`;
    const want = `${formatShape(state.type.shape)} ${state.type.dtype}`;
    if (got !== want) {
      throw new NinError(
        `update of "${state.name}": got ${got}, expected ${want}. Update a state with a value of its own type.`,
      );
    }
  }
}

function checkSummed(op: string, x: Node): void {
  if (x.phase === "slice") return;
  const got = x.phase === "step" ? "a value that is the same for every slice" : "a sum over slices";
  throw new NinError(`${op}: got ${got}, expected a value of one slice. Use the value itself.`);
}

function checkPhases(op: string, inputs: readonly Node[]): void {
  const phases = new Set(inputs.map((input) => input.phase));
  if (phases.has("slice") && phases.has("finish")) {
    throw new NinError(
      `${op}: got a value of one slice beside a sum over slices, which is known only after the last slice. Add the value up with sumSlices first.`,
    );
  }
}
