/**
 * Downloads the tests' small data set from a mirror into a folder, as the command `nin` would:
 *
 *     node build/test/data/proxied-download.js <folder> <mirror>
 */
import { useEnvProxy } from "#nin-net/data/env-proxy.js";
import { loadDataset } from "#nin-net/data/load-dataset.js";
import { smallEntry } from "./fixtures.js";

const [folder, mirror] = process.argv.slice(2);
try {
  if (!process.env.DOES_NOT_ASK) useEnvProxy();
  await loadDataset(smallEntry([mirror!]), { cacheDir: folder, retrySeconds: 0 });
  console.log("downloaded");
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
