import { type Layer, Linear } from "nin-net";

/** What can be said of a network without running it. */
export interface NetworkFacts {
  /** How many numbers are trained. */
  readonly parameters: number;
  /** Products summed for one image. */
  readonly multiplyAdds: number;
  readonly fullyConnected: {
    readonly layers: number;
    readonly parameters: number;
  };
}

/** @param shape - of an image as the network sees it */
export function networkFacts(
  net: Layer,
  shape: readonly [channels: number, height: number, width: number],
): NetworkFacts {
  const linear = leavesOf(net).filter((layer) => layer instanceof Linear);
  return {
    parameters: net.parameterCount,
    multiplyAdds: net.multiplyAdds([1, ...shape]),
    fullyConnected: {
      layers: linear.length,
      parameters: linear.reduce((sum, layer) => sum + layer.parameterCount, 0),
    },
  };
}

function leavesOf(layer: Layer): Layer[] {
  return layer.children.length === 0 ? [layer] : layer.children.flatMap(leavesOf);
}
