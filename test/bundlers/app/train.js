import { DataIterator, NinNet, openDevice, trainCh } from "nin-net";

/** Images of bytes that look like noise and are the same everywhere. */
function split(count, seed) {
  const pixels = 28 * 28;
  const images = Uint8Array.from({ length: count * pixels }, (_, i) => ((i + seed) * 7919) % 251);
  const labels = Uint8Array.from({ length: count }, (_, i) => i % 10);
  return { images, labels, count, channels: 1, height: 28, width: 28 };
}

/**
 * Trains the tutorial's network for two steps on the CPU.
 *
 * @param {import("nin-net").DeviceOptions} [options]
 * @returns {Promise<{ device: string, trainLossNats: number, digest: string }>} the digest is that of all weights
 */
export async function trainTwoSteps(options) {
  const device = await openDevice("cpu", options);
  const net = new NinNet();
  const batches = (images, shuffle) => new DataIterator(images, { batchSize: 2, resize: 67, shuffle });
  const result = await trainCh(net, batches(split(4, 1), true), batches(split(2, 2), false), {
    epochs: 1,
    lr: 0.1,
    device,
    log: () => {},
  });
  device[Symbol.dispose]();
  const weights = Object.values(net.stateDict()).flatMap(({ data }) => [
    ...new Uint32Array(data.slice().buffer),
  ]);
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", Uint32Array.from(weights)));
  return {
    device: device.description,
    trainLossNats: result.trainLossNats,
    digest: [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join(""),
  };
}
