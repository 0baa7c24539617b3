/** Lowering as every compiling backend does it: walks a graph, and keeps the buffers and instructions of its nodes. */
import {
  bytesPerElement,
  type Graph,
  type InputNode,
  inputsOf,
  type Node,
  type OpNode,
  type Phase,
  rootsOf,
  type StateNode,
  sizeOf,
  topologicalOrder,
} from "../graph/node.ts";
import type { AnyOp } from "../graph/op.ts";

/**
 * Buffers that keep their contents between slices and that the graphs of all slice sizes share: constants, and what is
 * made once a step or summed over slices.
 */
export class PersistentBuffers<Buffer> {
  readonly #create: (bytes: number, contents: Float32Array | undefined) => Buffer;
  readonly #buffers = new Map<string, Buffer>();

  /** @param create - makes a buffer; `contents` are written into it once, and nothing else is */
  constructor(create: (bytes: number, contents: Float32Array | undefined) => Buffer) {
    this.#create = create;
  }

  /** The buffer of this key; made when it is first asked for. */
  get(key: string, bytes: number): Buffer {
    return this.#get(key, bytes, undefined);
  }

  /** A buffer of constants, one for all uses of the same numbers. */
  constant(contents: Float32Array): Buffer {
    const bits = new Uint32Array(contents.buffer, contents.byteOffset, contents.length);
    return this.#get(`constant ${bits.join()}`, contents.byteLength, contents);
  }

  /** All of them, in the order in which they were made. */
  all(): Buffer[] {
    return [...this.#buffers.values()];
  }

  #get(key: string, bytes: number, contents: Float32Array | undefined): Buffer {
    let buffer = this.#buffers.get(key);
    if (buffer === undefined) {
      buffer = this.#create(bytes, contents);
      this.#buffers.set(key, buffer);
    }
    return buffer;
  }
}

/**
 * A graph that is lowered node by node. A backend says what the instructions of an op and the buffer of a node are; its
 * constructor calls {@link lowerNodes}.
 */
export abstract class GraphLowering<Buffer, Instruction> {
  /** The instructions, by phase. */
  readonly lists: { readonly [P in Phase]: Instruction[] } = { step: [], slice: [], finish: [] };
  /** Images a slice. */
  readonly images: number;
  /** Every node of the graph, each after its inputs. */
  protected readonly order: readonly Node[];
  protected readonly persistent: PersistentBuffers<Buffer>;
  readonly #graph: Graph;
  readonly #index: ReadonlyMap<Node, number>;
  readonly #buffers = new Map<Node, Buffer>();
  readonly #covered = new Set<OpNode>();
  #current: OpNode | undefined;

  constructor(graph: Graph, images: number, persistent: PersistentBuffers<Buffer>) {
    this.images = images;
    this.persistent = persistent;
    this.order = topologicalOrder(rootsOf(graph));
    this.#graph = graph;
    this.#index = new Map(this.order.map((node, i) => [node, i]));
  }

  /** Adds the instructions of an op. */
  protected abstract lowerOp(node: OpNode): void;

  /** Adds the instructions that bring a value in from outside; none by default. */
  protected lowerLeaf(_node: InputNode | StateNode): void {}

  /** Makes the buffer of a node that has none yet. */
  protected abstract createBuffer(node: Node, bytes: number): Buffer;

  /** Lowers every node in order, but for ops that the instructions of others compute. */
  protected lowerNodes(): void {
    for (const node of this.order) {
      if (node.kind !== "op") this.lowerLeaf(node);
      else if (!this.#covered.has(node)) {
        this.#current = node;
        this.lowerOp(node);
        this.#current = undefined;
      }
    }
  }

  /** The op that is being lowered; undefined where data is only moved. */
  protected get current(): OpNode | undefined {
    return this.#current;
  }

  /** The inputs of the graph, `sliceStart` included. */
  get inputs(): readonly InputNode[] {
    return this.order.filter((node) => node.kind === "input");
  }

  /** The buffer of a node's value. */
  buffer(node: Node): Buffer {
    let buffer = this.#buffers.get(node);
    if (buffer === undefined) {
      buffer = this.createBuffer(node, sizeOf(node.type.shape) * bytesPerElement[node.type.dtype]);
      this.#buffers.set(node, buffer);
    }
    return buffer;
  }

  /** The buffer of every node. */
  buffers(): Buffer[] {
    return this.order.map((node) => this.buffer(node));
  }

  /** A buffer of constants. */
  constant(contents: Float32Array): Buffer {
    return this.persistent.constant(contents);
  }

  /** A buffer for a node's value, or for what is made of it, that keeps its contents between slices. */
  protected persistentBuffer(node: Node, bytes: number, what = "node"): Buffer {
    return this.persistent.get(this.keyOf(node, what), bytes);
  }

  /** Names a node, or what is made of it, alike for all slice sizes: by its position in the graph's order. */
  protected keyOf(node: Node, what = "node"): string {
    return `${what} ${this.#index.get(node)}`;
  }

  /** Puts a node's value into a buffer that is there, in a layout that its readers know. */
  protected place(node: Node, buffer: Buffer): void {
    this.#buffers.set(node, buffer);
  }

  /** Lets a node share the buffer of another one that holds the same bytes. */
  alias(node: Node, of: Node): void {
    this.#buffers.set(node, this.buffer(of));
  }

  /** The node of another op on the same inputs with the same attributes, if the graph has one. */
  twin(node: OpNode, op: AnyOp): OpNode | undefined {
    const attrs = JSON.stringify(node.attrs);
    return this.order.find(
      (other): other is OpNode =>
        other.kind === "op" &&
        other.op === op &&
        other.inputs.every((input, i) => input === node.inputs[i]) &&
        JSON.stringify(other.attrs) === attrs,
    );
  }

  /** The ops that read a node's value. */
  readersOf(node: Node): OpNode[] {
    return this.order.filter((other): other is OpNode => inputsOf(other).includes(node));
  }

  /** Whether ops of one kind alone read a node's value, and nothing outside of the graph does. */
  isOnlyFor(node: Node, op: AnyOp): boolean {
    return !rootsOf(this.#graph).includes(node) && this.readersOf(node).every((other) => other.op === op);
  }

  /** Marks a node as computed by the instructions so far. */
  covered(node: OpNode): void {
    this.#covered.add(node);
  }

  /** Marks a node as not needed: the instructions so far do what its only reader would have done with it. */
  leftOut(node: OpNode): void {
    this.#covered.add(node);
  }

  /**
   * New values of states that are old values of states: one may be overwritten before it is read, and needs a copy from
   * before any state is written.
   */
  overwrittenValues(): ReadonlySet<Node> {
    const { updates } = this.#graph;
    const states = new Set([...updates.keys()].map((state) => this.buffer(state)));
    return new Set([...updates.values()].filter((value) => states.has(this.buffer(value))));
  }
}
