import type { EpilogueStep, Graph, Node, OpNode } from "../graph/node.ts";
import { countUses, rewriteGraph } from "../graph/rewrite.ts";

/**
 * Lets an elementwise op run where its first input is made, before that is stored, and saves a pass over memory.
 * It takes place where the first input comes from an op that accepts an epilogue and nobody else reads it.
 *
 * @param canFuse - the backend's say: can its kernel for `node` end with these steps?
 */
export function fuseEpilogues(
  graph: Graph,
  canFuse: (node: OpNode, steps: readonly EpilogueStep[]) => boolean,
): Graph {
  const uses = countUses(graph);
  return rewriteGraph(graph, (consumer, original) => {
    const [producer, ...others] = consumer.inputs as readonly [Node, ...Node[]];
    if (!consumer.op.elementwise || consumer.epilogue.length > 0) return consumer;
    if (producer.kind !== "op" || !producer.op.acceptsEpilogue) return consumer;
    if (producer.phase !== consumer.phase || uses.get(original.inputs[0]!) !== 1) return consumer;
    const step: EpilogueStep = { op: consumer.op, inputs: others, attrs: consumer.attrs };
    const epilogue = [...producer.epilogue, step];
    return canFuse(producer, epilogue) ? { ...producer, epilogue, type: consumer.type } : consumer;
  });
}
