import { NinError } from "../core/errors.ts";
import { checkGraph } from "../graph/check.ts";
import { type Graph, rootsOf, topologicalOrder } from "../graph/node.ts";

/** The graphs of a program, traced and checked once for each slice size. */
export class TracedGraphs {
  readonly #trace: (images: number) => Graph;
  readonly #graphs = new Map<number, Graph>();
  #names: string | undefined;

  /** @param trace - builds the graph for a slice of so many images, rewritten for the backend */
  constructor(trace: (images: number) => Graph) {
    this.#trace = trace;
  }

  /**
   * The graph for a slice of so many images.
   *
   * @throws NinError if it cannot run in slices, or has other ops than those of other sizes
   */
  get(images: number): Graph {
    let graph = this.#graphs.get(images);
    if (graph === undefined) {
      graph = this.#trace(images);
      checkGraph(graph, images);
      this.#checkAlike(graph, images);
      this.#graphs.set(images, graph);
    }
    return graph;
  }

  /** The graphs of all slice sizes share buffers by the order of their nodes: a pass must not look at the size. */
  #checkAlike(graph: Graph, images: number): void {
    const names = topologicalOrder(rootsOf(graph))
      .map((node) => (node.kind === "op" ? node.op.opName : node.name))
      .join();
    this.#names ??= names;
    if (this.#names === names) return;
    throw new NinError(
      `compile: the graph for slices of ${images} images has other ops than that for other sizes. Trace and rewrite graphs alike for every slice size.`,
    );
  }
}
