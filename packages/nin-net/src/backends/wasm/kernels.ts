/** Which kernels each op becomes on the CPU. The table has one entry for each op; a missing one does not compile. */
import { Purpose } from "../../core/random.ts";
import { bytesPerElement, type EpilogueStep, type Node, type OpNode, sizeOf } from "../../graph/node.ts";
import { adaptiveWindows } from "../../ops/adaptive-avg-pool-2d.ts";
import { slidingWindows } from "../../ops/avg-pool-2d.ts";
import type { ConvAttrs } from "../../ops/conv2d.ts";
import { type OpAttrs, type OpName, ops } from "../../ops/ops.ts";
import { stridesOf } from "../../ops/permute.ts";
import { keepThreshold } from "../../ops/random-mask.ts";
import type { WindowSpan } from "../../ops/window.ts";
import { transpose, winogradMatrices } from "../../ops/winograd/matrices.ts";
import { evaluateExpression, repeatChannels } from "./expression.ts";
import { gradientPixels, microKernelBytes, sweepBytes } from "./kernel-constants.ts";
import type { Argument, Buffer, Lowering } from "./lowering.ts";
import { sumExpression, sumPixels } from "./pixel-sums.ts";

/** How an op is done. */
export interface Kernel<K extends OpName> {
  /** Emits the instructions that compute the node. */
  readonly lower: (node: OpNode & { readonly attrs: OpAttrs<K> }, to: Lowering) => void;
  /** Epilogues that the kernel can end with; none if left out. */
  readonly epilogue?: (steps: readonly EpilogueStep[]) => boolean;
}

/** Pixels a task of a 1x1 convolution: a multiple of every tile's rows, small enough to share among threads. */
const convolutionPixels = 96;
/** Bytes of weights that no cache near a core holds. */
const largeWeights = 1 << 20;
/** Tasks a thread, where work is shared out: a thread that comes late has fewer of them. */
const tasksAThread = 4;
/** Values of a weight gradient a task, about: they stay in a cache while they are summed over pixels and slices. */
const gradientValues = 1 << 17;
/** Values of all parts of a weight gradient that is summed in parts. */
const partValues = 1 << 18;
/** Rows a task of a weight gradient, at least: every task reads the whole of dy. */
const leastGradientRows = 48;
/** Pixels a task of the kernels that work channel by channel. */
const channelwisePixels = 256;
/** What the transforms of weights move at once: 64 bytes of at most 8 x 8 positions. */
const linesBytes = 4096;
/** Tiles a task of a Winograd convolution, about: each transformed weight is read once for all of them. */
const tilesATask = 48;
/** Rows of the micro-kernels' tiles. */
const tileRows = 6;
/** An image of more tiles is shared among tasks: what a task transforms should stay in the nearer caches. */
const mostWinogradTiles = 32;

const kernels: { readonly [K in OpName]: Kernel<K> } = {
  fromBytes: elementwise("fromBytes"),
  relu: elementwise("relu"),
  reluGrad: elementwise("reluGradient"),
  add: elementwise("add"),
  mul: elementwise("multiply"),
  scaleBy: elementwise("scale"),
  expand: {
    lower: (node, to) => {
      if (node.inputs[0]!.type.shape[0]! > 1) return repeatChannels(node, to);
      to.emitChunks("expand", sizeOf(node.type.shape), [to.buffer(node.inputs[0]!), to.buffer(node)]);
    },
  },

  resizeBilinear: {
    lower: (node, to) => {
      const [x, height, width, channels] = image(node.inputs[0]!, to);
      const { height: outHeight, width: outWidth } = node.attrs;
      const args = [x, height, width, channels, outHeight, outWidth, to.buffer(node)];
      to.emit("resizeBilinear", node.type.shape[0]! * outHeight, args);
    },
  },
  resizeBilinearGrad: {
    lower: (node, to) => {
      const [dx, height, width, channels] = image(node, to);
      const [dy, outHeight, outWidth] = image(node.inputs[0]!, to);
      const args = [dy, height, width, channels, outHeight, outWidth, dx];
      to.emit("resizeBilinearGradient", node.type.shape[0]!, args);
    },
  },

  conv2d: {
    lower: (node, to) => {
      const [x, w] = node.inputs as [Node, Node];
      convolve(node, to, x, to.packed(w, false), { ...node.attrs, kernel: w.type.shape[0]!, dilation: 1 });
    },
    epilogue: isBiasOrRelu,
  },
  conv2dInputGrad: {
    lower: (node, to) => {
      const [dy, w] = node.inputs as [Node, Node];
      const kernel = w.type.shape[0]!;
      convolve(node, to, dy, to.packed(w, true), {
        kernel,
        stride: 1,
        padding: kernel - 1 - node.attrs.padding,
        dilation: node.attrs.stride,
      });
    },
    epilogue: isMask,
  },
  conv2dWeightGrad: {
    lower: (node, to) => {
      const [x, height, width, cin] = image(node.inputs[0]!, to);
      const [dy, outHeight, outWidth, cout] = image(node.inputs[1]!, to);
      const { kernel, stride, padding } = node.attrs;
      const rowLength = (outWidth - 1) * stride + kernel;
      const padded = padding > 0 ? 1 : 0;
      if (padded) to.needScratch(microKernelBytes + 4 * rowLength * outHeight * cin);
      const images = node.inputs[0]!.type.shape[0]!;
      const isFlat = kernel === 1 && stride === 1 && padding === 0;
      const pixels = images * outHeight * outWidth;
      const parts = isFlat ? gradientParts(pixels, cin * cout) : 1;
      const pixelsAPart = gradientPixels * Math.ceil(pixels / parts / gradientPixels);
      const allRows = kernel * kernel * cin;
      const share = tileRows * Math.ceil((parts * allRows) / (2 * to.threads) / tileRows);
      const cached = leastGradientRows * Math.floor(gradientValues / cout / leastGradientRows);
      const rows = Math.max(leastGradientRows, Math.min(share, cached));
      const tasksAnU = Math.ceil((kernel * cin) / rows);
      const dw = to.buffer(node);
      const sums = parts > 1 ? to.temporary(parts * dw.bytes) : dw;
      const made = to.emit("weightGradient", kernel * parts * tasksAnU, [
        x,
        height,
        width,
        cin,
        padding,
        kernel,
        stride,
        outHeight,
        outWidth,
        cout,
        dy,
        sums,
        images,
        rows,
        tasksAnU,
        padded,
        pixelsAPart,
      ]);
      if (parts > 1) {
        to.made(made, sums);
        to.addRows(sums, parts, dw);
        return;
      }
      to.madeRegions(made, dw, {
        tasksPerGroup: tasksAnU,
        group: kernel * cin * cout,
        length: rows * cout,
      });
    },
  },

  padEdge: {
    lower: (node, to) => {
      const [x, height, width, channels] = image(node.inputs[0]!, to);
      const [y, outHeight, outWidth] = image(node, to);
      const args = [x, height, width, channels, node.attrs.before, outHeight, outWidth, y];
      to.emit("padEdge", node.type.shape[0]!, args);
    },
  },
  mixTaps: {
    lower: (node, to) => {
      const [w] = node.inputs as [Node];
      const [rows, columns, cin, cout] = node.type.shape as [number, number, number, number];
      const taps = w.type.shape[0]! * w.type.shape[1]!;
      const matrix = to.constant(Float32Array.from(node.attrs.matrix));
      to.emit("mixTaps", rows * columns, [to.buffer(w), taps, cin * cout, matrix, to.buffer(node)]);
    },
  },
  polyphaseConv2d: {
    lower: (node, to) => {
      const [x, height, width, cin] = image(node.inputs[0]!, to);
      const [y, outHeight, outWidth, cout] = image(node, to);
      const { offsets, stride, kernel } = node.attrs;
      const { start, floor, mask } = epilogueOf(node, to);
      const rows = Math.max(1, Math.ceil(convolutionPixels / outWidth));
      const tasksAnImage = Math.ceil(outHeight / rows);
      const made = to.emit("polyphaseConvolve", node.type.shape[0]! * tasksAnImage, [
        x,
        height,
        width,
        cin,
        kernel,
        stride,
        outHeight,
        outWidth,
        cout,
        to.packed(node.inputs[1]!, false),
        y,
        start,
        floor,
        mask,
        rows,
        tasksAnImage,
        offsets.length,
        ...offsets,
      ]);
      if (outHeight % rows === 0) to.madeRows(made, y, rows * outWidth * cout);
    },
    epilogue: (steps) => isBiasOrRelu(steps) || isMask(steps),
  },
  polyphaseConv2dWeightGrad: {
    lower: (node, to) => {
      const [x, height, width, cin] = image(node.inputs[0]!, to);
      const [dy, outHeight, outWidth, cout] = image(node.inputs[1]!, to);
      const { offsets, stride, kernel } = node.attrs;
      const period = offsets.length;
      to.needScratch(microKernelBytes + 4 * Math.ceil(outWidth / period) * outHeight * kernel * kernel * cin);
      const dw = to.buffer(node);
      const made = to.emit("polyphaseWeightGradient", period * period, [
        x,
        height,
        width,
        cin,
        kernel,
        stride,
        outHeight,
        outWidth,
        cout,
        dy,
        dw,
        node.inputs[0]!.type.shape[0]!,
        period,
        ...offsets,
      ]);
      const length = kernel * kernel * cin * cout;
      to.madeRegions(made, dw, { tasksPerGroup: 1, group: length, length });
    },
  },

  winogradWeights: {
    lower: (node, to) => {
      const [w] = node.inputs as [Node];
      const [kernel, , cin, cout] = w.type.shape as [number, number, number, number];
      to.needScratch(sweepBytes + linesBytes);
      const packs = to.isOnlyFor(node, ops.winogradConv2d);
      const u = packs ? to.packsItself(node) : to.buffer(node);
      const args = [to.buffer(w), kernel, cin, cout, u, node.attrs.tile, Number(packs)];
      to.emit("winogradWeights", cin, args);
    },
  },
  winogradWeightsGrad: {
    lower: (node, to) => {
      const [du] = node.inputs as [Node];
      const [kernel, , cin, cout] = node.type.shape as [number, number, number, number];
      to.needScratch(sweepBytes + linesBytes);
      const dw = to.buffer(node);
      const args = [to.buffer(du), kernel, cin, cout, dw, node.attrs.tile];
      const made = to.emit("winogradWeightsGradient", cin, args);
      to.madeRegions(made, dw, {
        tasksPerGroup: cin,
        group: cin * cout,
        length: cout,
        repeats: kernel * kernel,
        stride: cin * cout,
      });
    },
  },
  flipWeights: {
    lower: (node, to) => {
      const [w] = node.inputs as [Node];
      const [kernel, , cin, cout] = w.type.shape as [number, number, number, number];
      to.emit("flipWeights", kernel * kernel, [to.buffer(w), kernel * kernel, cin, cout, to.buffer(node)]);
    },
  },
  winogradConv2d: {
    lower: (node, to) => {
      const [x, height, width, cin] = image(node.inputs[0]!, to);
      const [images, outHeight, outWidth, cout] = node.type.shape as [number, number, number, number];
      const { kernel, tile, padding } = node.attrs;
      const size = tile + kernel - 1;
      const down = Math.ceil(outHeight / tile);
      const across = Math.ceil(outWidth / tile);
      const imagesATask = winogradImages(images, down * across, to.threads);
      const groupsWanted = Math.max(
        Math.ceil(to.threads / Math.ceil(images / imagesATask)),
        Math.ceil((down * across) / mostWinogradTiles),
      );
      const rowsATask = Math.ceil(down / groupsWanted);
      const tiles = imagesATask * rowsATask * across;
      const padded = ((rowsATask - 1) * tile + size) * ((across - 1) * tile + size) * cin;
      const positions = size * size * ((cin + cout) * tiles + 32);
      to.needScratch(microKernelBytes + sweepBytes + 4 * (padded + positions));
      const paddedColumns = Math.ceil(cout / to.panelWidth) * to.panelWidth;
      const { start, floor, mask } = epilogueOf(node, to);
      const groups = Math.ceil(down / rowsATask);
      const y = to.buffer(node);
      const made = to.emit("winogradConvolve", Math.ceil(images / imagesATask) * groups, [
        x,
        height,
        width,
        cin,
        padding,
        kernel,
        outHeight,
        outWidth,
        cout,
        to.packed(node.inputs[1]!, false),
        y,
        start,
        floor,
        mask,
        images,
        imagesATask,
        rowsATask,
        groups,
        to.zeros(paddedColumns),
        tile,
      ]);
      if (groups === 1) to.madeRows(made, y, imagesATask * outHeight * outWidth * cout);
    },
    epilogue: (steps) => isBiasOrRelu(steps) || isMask(steps),
  },
  winogradConv2dWeightGrad: {
    lower: (node, to) => {
      const [x, height, width, cin] = image(node.inputs[0]!, to);
      const [dy, outHeight, outWidth, cout] = image(node.inputs[1]!, to);
      const images = node.inputs[0]!.type.shape[0]!;
      const { kernel, tile, padding } = node.attrs;
      const { size, inputs, outputs } = winogradMatrices(tile, kernel);
      const down = Math.ceil(outHeight / tile);
      const across = Math.ceil(outWidth / tile);
      const chunk = Math.max(1, Math.min(images, Math.ceil(tilesATask / (down * across))));
      const padded = ((down - 1) * tile + size) * ((across - 1) * tile + size) * cin;
      const positions = size * ((cin + cout) * chunk * down * across + 32);
      to.needScratch(microKernelBytes + sweepBytes + 4 * (tile * tile * cout + padded + positions));
      to.emit("winogradWeightGradient", size, [
        x,
        height,
        width,
        cin,
        padding,
        kernel,
        outHeight,
        outWidth,
        cout,
        dy,
        to.buffer(node),
        images,
        chunk,
        to.constant(Float32Array.from(inputs.flat())),
        to.constant(Float32Array.from(transpose(outputs).flat())),
        tile,
      ]);
    },
  },

  maxPool2d: { lower: (node, to) => pool(node, to, node, to.twin(node, ops.maxPool2dIndex)) },
  maxPool2dIndex: { lower: (node, to) => pool(node, to, to.twin(node, ops.maxPool2d), node) },
  maxPool2dGrad: {
    lower: (node, to) => {
      const [dx, height, width, channels] = image(node, to);
      const [dy, outHeight, outWidth] = image(node.inputs[0]!, to);
      const { kernel, stride, padding } = node.attrs;
      to.emit("maxPoolGradient", node.type.shape[0]! * height, [
        dy,
        to.buffer(node.inputs[1]!),
        height,
        width,
        channels,
        kernel,
        stride,
        padding,
        outHeight,
        outWidth,
        dx,
        maskOf(node, to),
      ]);
    },
    epilogue: isMask,
  },
  avgPool2d: {
    lower: (node, to) => average(node, to, (length, count) => slidingWindows(length, count, node.attrs)),
  },
  avgPool2dGrad: {
    lower: (node, to) =>
      averageGradient(node, to, (length, count) => slidingWindows(length, count, node.attrs)),
    epilogue: isMask,
  },
  adaptiveAvgPool2d: { lower: (node, to) => average(node, to, adaptiveWindows) },
  adaptiveAvgPool2dGrad: {
    lower: (node, to) => averageGradient(node, to, adaptiveWindows),
    epilogue: isMask,
  },

  addBias: { lower: (node, to) => channelwise("addBias", node, to, { real: -Infinity }) },
  scaleChannels: { lower: (node, to) => channelwise("scaleChannels", node, to) },
  pointwise: { lower: evaluateExpression },
  sumPixels: { lower: sumPixels },
  sumPointwise: { lower: sumExpression },
  sumAll: {
    lower: (node, to) => {
      const [x] = node.inputs as [Node];
      const y = to.buffer(node);
      const made = to.emit("sumAll", 1, [to.buffer(x), sizeOf(x.type.shape), y]);
      to.madeRegions(made, y, { tasksPerGroup: 1, group: 1, length: 1 });
    },
  },
  sumSlices: { lower: (node, to) => to.sumSlices(node) },

  randomMask: {
    lower: (node, to) => {
      const [key, start] = node.inputs as [Node, Node];
      const { shape, rate, stream } = node.attrs;
      to.emit("randomMask", shape[0]!, [
        to.buffer(key),
        to.buffer(start),
        to.buffer(node),
        sizeOf(shape.slice(1)),
        stream,
        keepThreshold(rate),
        { real: 1 / (1 - rate) },
        Purpose.dropout,
      ]);
    },
  },

  randomMove: {
    lower: (node, to) => {
      const { shift, flip, stream } = node.attrs;
      randomImages("randomMove", node, to, [shift, Number(flip), stream]);
    },
  },
  randomErase: {
    lower: (node, to) => {
      const { side, stream } = node.attrs;
      randomImages("randomErase", node, to, [side, stream]);
    },
  },

  reshape: { lower: (node, to) => to.alias(node, node.inputs[0]!) },
  permute: {
    lower: (node, to) => {
      const [x] = node.inputs as [Node];
      const missing = 4 - node.type.shape.length;
      const lengths = [...Array<number>(missing).fill(1), ...node.type.shape];
      const strides = stridesOf(x.type.shape);
      const steps = [...Array<number>(missing).fill(0), ...node.attrs.axes.map((axis) => strides[axis]!)];
      to.emit("permute", 1, [to.buffer(x), to.buffer(node), ...lengths, ...steps]);
    },
  },

  crossEntropy: {
    lower: (node, to) => classify("crossEntropy", node, to),
  },
  crossEntropyGrad: {
    lower: (node, to) => {
      const [logits, labels, dy] = node.inputs as [Node, Node, Node];
      const [images, classes] = logits.type.shape as [number, number];
      const args = [to.buffer(logits), to.buffer(labels), to.buffer(dy), to.buffer(node), images, classes];
      to.emit("crossEntropyGradient", 1, [...args, bytesPerElement[labels.type.dtype]]);
    },
  },
  countCorrect: { lower: (node, to) => classify("countCorrect", node, to) },
  oneHot: {
    lower: (node, to) => {
      const [images, classes] = node.type.shape as [number, number];
      const labels = node.inputs[0]!;
      const labelBytes = bytesPerElement[labels.type.dtype];
      to.emit("oneHot", 1, [to.buffer(labels), to.buffer(node), images, classes, labelBytes]);
    },
  },
};

/** The kernel of a node's op. */
export function kernelOf(node: OpNode): Kernel<OpName> {
  return kernels[node.op.opName as OpName] as Kernel<OpName>;
}

/** All inputs, then the output, then the number of elements. */
function elementwise<K extends OpName>(
  kernel: "fromBytes" | "relu" | "reluGradient" | "add" | "multiply" | "scale",
): Kernel<K> {
  return {
    lower: (node, to) => {
      const args = [...node.inputs.map((input) => to.buffer(input)), to.buffer(node)];
      to.emitChunks(kernel, sizeOf(node.type.shape), args);
    },
  };
}

/** One number a channel, the second input, put to every pixel of the first. */
function channelwise(
  kernel: "addBias" | "scaleChannels",
  node: OpNode,
  to: Lowering,
  ...more: readonly Argument[]
): void {
  const [x, numbers] = node.inputs as [Node, Node];
  const channels = numbers.type.shape[0]!;
  const pixels = sizeOf(x.type.shape) / channels;
  const args = [to.buffer(x), to.buffer(numbers), to.buffer(node), pixels, channels, channelwisePixels];
  to.emit(kernel, Math.ceil(pixels / channelwisePixels), [...args, ...more]);
}

/** Buffer, height, width and channels of feature maps. */
function image(node: Node, to: Lowering): [Buffer, number, number, number] {
  const [, height, width, channels] = node.type.shape as [number, number, number, number];
  return [to.buffer(node), height, width, channels];
}

function isBiasOrRelu(steps: readonly EpilogueStep[]): boolean {
  const [first, second] = steps.map((step) => step.op);
  if (steps.length === 1) return first === ops.addBias || first === ops.relu;
  return steps.length === 2 && first === ops.addBias && second === ops.relu;
}

function isMask(steps: readonly EpilogueStep[]): boolean {
  return steps.length === 1 && steps[0]!.op === ops.reluGrad;
}

/** The mask of an epilogue, if there is one. */
function maskOf(node: OpNode, to: Lowering): Buffer | null {
  const step = node.epilogue.find(({ op }) => op === ops.reluGrad);
  return step ? to.buffer(step.inputs[0]!) : null;
}

/** How a convolution ends: what its sums start from, the least result, and a mask. */
function epilogueOf(
  node: OpNode,
  to: Lowering,
): { start: Buffer; floor: { real: number }; mask: Buffer | null } {
  const bias = node.epilogue.find(({ op }) => op === ops.addBias);
  const channels = Math.ceil(node.type.shape[3]! / to.panelWidth) * to.panelWidth;
  return {
    start: bias ? to.buffer(bias.inputs[0]!) : to.zeros(channels),
    floor: { real: node.epilogue.some(({ op }) => op === ops.relu) ? 0 : -Infinity },
    mask: maskOf(node, to),
  };
}

/** Maxima and their positions, both in one sweep where the graph asks for both. */
function pool(
  node: OpNode & { readonly attrs: { kernel: number; stride: number; padding: number } },
  to: Lowering,
  maxima: OpNode | undefined,
  positions: OpNode | undefined,
): void {
  const [x, height, width, channels] = image(node.inputs[0]!, to);
  const [n, outHeight, outWidth] = node.type.shape as [number, number, number];
  const { kernel, stride, padding } = node.attrs;
  const results = [maxima, positions].map((result) => (result ? to.buffer(result) : null));
  const args = [x, height, width, channels, kernel, stride, padding, outHeight, outWidth, ...results];
  to.emit("maxPool", n * outHeight, args);
  for (const result of [maxima, positions]) if (result) to.covered(result);
}

/** The windows along an axis of so many pixels, of which there are so many. */
type WindowsOf = (length: number, count: number) => readonly WindowSpan[];

function average(node: OpNode, to: Lowering, windowsOf: WindowsOf): void {
  const [x, height, width, channels] = image(node.inputs[0]!, to);
  const [y, outHeight, outWidth] = image(node, to);
  const windows = [windowsOf(height, outHeight), windowsOf(width, outWidth)].map((spans) => table(spans, to));
  const args = [x, height, width, channels, outHeight, outWidth, y, ...windows];
  to.emit("averagePool", node.type.shape[0]!, args);
}

function averageGradient(node: OpNode, to: Lowering, windowsOf: WindowsOf): void {
  const [dx, height, width, channels] = image(node, to);
  const [dy, outHeight, outWidth] = image(node.inputs[0]!, to);
  const windows = [windowsOf(height, outHeight), windowsOf(width, outWidth)].map((spans) => table(spans, to));
  const args = [dy, height, width, channels, outHeight, outWidth, dx, maskOf(node, to), ...windows];
  to.emit("averagePoolGradient", node.type.shape[0]!, args);
}

/** Windows as the kernels of averages read them. */
function table(windows: readonly WindowSpan[], to: Lowering): Buffer {
  return to.constant(Float32Array.from(windows.flatMap(({ start, end, size }) => [start, end, size])));
}

function classify(kernel: "crossEntropy" | "countCorrect", node: OpNode, to: Lowering): void {
  const [logits, labels] = node.inputs as [Node, Node];
  const [images, classes] = logits.type.shape as [number, number];
  const args = [to.buffer(logits), to.buffer(labels), to.buffer(node), images, classes];
  to.emit(kernel, 1, [...args, bytesPerElement[labels.type.dtype]]);
}

/**
 * In how many parts the pixels of a 1x1 convolution's weight gradient of so many values are summed: whoever sums a part
 * reads these pixels alone. It does not depend on the number of threads, since the order of the sums does on it.
 */
function gradientParts(pixels: number, values: number): number {
  const most = Math.min(8, Math.floor(pixels / (16 * gradientPixels)), Math.floor(partValues / values));
  return Math.max(1, most);
}

/**
 * Images a task of a Winograd convolution: as many as a task is to have tiles, unless with fewer of them the threads
 * are done earlier, because each has as many tasks or because their tiles fill the rows of the micro-kernel's.
 */
function winogradImages(images: number, tilesAnImage: number, threads: number): number {
  const costOf = (imagesATask: number) => {
    const tasksAThread = Math.ceil(Math.ceil(images / imagesATask) / threads);
    // To read the weights takes as long as a few more tiles.
    return tasksAThread * (Math.ceil((imagesATask * tilesAnImage) / tileRows) + 1);
  };
  let best = Math.max(1, Math.min(images, Math.floor(tilesATask / tilesAnImage)));
  for (let fewer = best - 1; fewer > 0; fewer--) if (costOf(fewer) < costOf(best)) best = fewer;
  return best;
}

/** Among how many tasks the columns of a product are shared: those of large weights by a few pixels, as Linear layers have. */
function columnTasks(pixels: number, cin: number, cout: number, to: Lowering): number {
  const wanted = tasksAThread * to.threads;
  if (4 * cin * cout < largeWeights || pixels > (wanted / 2) * convolutionPixels) return 1;
  return Math.min(wanted, Math.ceil(cout / to.panelWidth));
}

/** A convolution of `x` by packed weights into `node`, with the node's epilogue. */
function convolve(
  node: OpNode,
  to: Lowering,
  x: Node,
  packed: Buffer,
  window: ConvAttrs & { readonly kernel: number; readonly dilation: number },
): void {
  const [from, height, width, cin] = image(x, to);
  const [n, outHeight, outWidth, cout] = node.type.shape as [number, number, number, number];
  const { kernel, stride, padding, dilation } = window;
  const { start, floor, mask } = epilogueOf(node, to);
  const y = to.buffer(node);
  if (kernel === 1 && stride === 1 && padding === 0 && dilation === 1) {
    const pixels = n * outHeight * outWidth;
    const shared = columnTasks(pixels, cin, cout, to);
    const columns = to.panelWidth * Math.ceil(cout / to.panelWidth / shared);
    const maker = shared > 1 ? undefined : to.rowMaker([from], [from, packed, start, mask], cin);
    const count = maker ? maker.count / cin : convolutionPixels;
    const args = [from, cin, cout, packed, y, start, floor, mask, pixels, count, shared, columns];
    const tasks = Math.ceil(pixels / count) * shared;
    const made = to.emitRows("convolve1x1", tasks, args, maker);
    if (shared === 1) to.madeRows(made, y, count * cout);
    return;
  }
  const rowLength = (outWidth - 1) * stride + kernel;
  const columnLength = (outHeight - 1) * stride + kernel;
  const mustPad = padding !== 0 || dilation !== 1 || rowLength > width || columnLength > height;
  const rows = Math.max(1, Math.ceil(convolutionPixels / outWidth));
  if (mustPad) to.needScratch(microKernelBytes + 4 * rowLength * ((rows - 1) * stride + kernel) * cin);
  const tasksAnImage = Math.ceil(outHeight / rows);
  const made = to.emit("convolve", n * tasksAnImage, [
    from,
    height,
    width,
    cin,
    padding,
    dilation,
    kernel,
    stride,
    outHeight,
    outWidth,
    cout,
    packed,
    y,
    start,
    floor,
    mask,
    rows,
    tasksAnImage,
    Number(mustPad),
  ]);
  if (outHeight % rows === 0) to.madeRows(made, y, rows * outWidth * cout);
}

/** An op that changes each image at random. */
function randomImages(
  kernel: "randomMove" | "randomErase",
  node: OpNode,
  to: Lowering,
  settings: readonly number[],
): void {
  const [x, key, start] = node.inputs as [Node, Node, Node];
  const [images, ...image] = node.type.shape;
  to.emit(kernel, images!, [
    to.buffer(key),
    to.buffer(start),
    to.buffer(x),
    to.buffer(node),
    ...image,
    ...settings,
    Purpose.augment,
  ]);
}
