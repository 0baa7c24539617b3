import { type Layer, ShapeError } from "nin-net";
import { UsageError } from "../terminal/exit-status.ts";

/**
 * @param shape - of an image as the network is to see it
 * @throws UsageError if it is too small for the network
 */
export function checkInputSize(
  net: Layer,
  [channels, height, width]: readonly [number, number, number],
): void {
  if (accepts(net, [channels, height, width])) return;
  const fits = (more: number) => accepts(net, [channels, height + more, width + more]);
  let more = 0;
  while (more < largestSide && !fits(more)) more += 1;
  const given = height === width ? height : `${height}x${width}`;
  const smallest = height === width ? height + more : `${height + more}x${width + more}`;
  throw new UsageError(
    `--resize: got "${given}", expected ${smallest} or more: smaller images do not fill the last pooling window.`,
  );
}

const largestSide = 4096;

function accepts(net: Layer, shape: readonly [number, number, number]): boolean {
  try {
    net.outputShape([1, ...shape]);
    return true;
  } catch (error) {
    if (error instanceof ShapeError) return false;
    throw error;
  }
}
