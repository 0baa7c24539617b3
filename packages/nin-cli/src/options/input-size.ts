import { type Layer, ShapeError } from "nin-net";
import { UsageError } from "../terminal/exit-status.ts";

/** @throws UsageError if images of `resize` x `resize` are too small for the network */
export function checkInputSize(net: Layer, resize: number): void {
  if (accepts(net, resize)) return;
  let smallest = resize;
  while (!accepts(net, smallest)) smallest += 1;
  throw new UsageError(
    `--resize: got "${resize}", expected ${smallest} or more: smaller images do not fill the last pooling window.`,
  );
}

function accepts(net: Layer, size: number): boolean {
  try {
    net.outputShape([1, 1, size, size]);
    return true;
  } catch (error) {
    if (error instanceof ShapeError) return false;
    throw error;
  }
}
