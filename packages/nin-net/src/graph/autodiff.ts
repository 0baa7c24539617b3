import { formatShape, NinError, ShapeError } from "../core/errors.ts";
import { add } from "../ops/add.ts";
import { type Node, topologicalOrder } from "./node.ts";

/**
 * Reverse-mode differentiation: builds the gradients of a loss as further nodes, from the gradient rules of the
 * ops. Run it before any pass that fuses nodes.
 *
 * What depends on a slice of images yields the slice's share of a gradient; `sumSlices` adds the shares up.
 *
 * @param loss - of any shape
 * @param wrt - what to differentiate with respect to
 * @param seed - the gradient of the final quantity with respect to `loss`, of its shape; ones for the plain gradient;
 *   as an input made by `gradientSeed`, so that 16 bits hold the gradients
 * @returns the gradients, one for each of `wrt`, each of its shape
 * @throws NinError if the loss does not depend on one of `wrt`, or depends on it through an op without gradient
 */
export function gradients(loss: Node, wrt: readonly Node[], seed: Node): Node[] {
  if (formatShape(seed.type.shape) !== formatShape(loss.type.shape)) {
    throw new ShapeError("gradients", {
      got: seed.type.shape,
      want: `${formatShape(loss.type.shape)}, the shape of the loss`,
      fix: "Seed with ones of that shape.",
    });
  }
  const order = topologicalOrder([loss]);
  const varying = dependents(order, wrt);
  const dyOf = new Map<Node, Node>([[loss, seed]]);

  for (const y of order.toReversed()) {
    const dy = dyOf.get(y);
    if (dy === undefined || y.kind !== "op" || !y.inputs.some((x) => varying.has(x))) continue;
    if (y.op.gradient === undefined) {
      const through = y.inputs.filter((x) => varying.has(x)).map(describe);
      throw new NinError(
        `gradients: ${y.op.opName} has no gradient, and the loss depends on ${through.join(" and ")} through it. Use an op that has one.`,
      );
    }
    if (y.epilogue.length > 0) {
      throw new NinError(
        `gradients: got ${y.op.opName} fused with other ops. Differentiate before passes run.`,
      );
    }
    const rules = y.op.gradient({ y, inputs: y.inputs, attrs: y.attrs, dy } as never) as readonly (
      | (() => Node)
      | null
    )[];
    y.inputs.forEach((x, i) => {
      const rule = rules[i];
      if (!rule || !varying.has(x)) return;
      const share = rule();
      const others = dyOf.get(x);
      dyOf.set(x, others === undefined ? share : add(others, share));
    });
  }

  return wrt.map((x) => {
    const dx = dyOf.get(x);
    if (dx !== undefined) return dx;
    throw new NinError(
      `gradients: the loss does not depend on ${describe(x)}. Leave it out, or use it in the loss.`,
    );
  });
}

/** The nodes that depend on one of `wrt`, and these themselves. */
function dependents(order: readonly Node[], wrt: readonly Node[]): Set<Node> {
  const varying = new Set(wrt);
  for (const node of order) {
    if (node.kind === "op" && node.inputs.some((x) => varying.has(x))) varying.add(node);
  }
  return varying;
}

function describe(node: Node): string {
  const what = node.kind === "op" ? `a result of ${node.op.opName}` : `${node.kind} "${node.name}"`;
  return `${what} ${formatShape(node.type.shape)}`;
}
