/**
 * Downloads the tests' small data set from a mirror into a folder, as the command `nin` would:
 *
 *     node build/test/data/proxied-download.js <folder> <mirror>
 */
import { downloadFiles } from "#nin-net/data/download-files.js";
import { useEnvProxy } from "#nin-net/data/env-proxy.js";
import { smallEntry } from "./fixtures.js";

const [folder, mirror] = process.argv.slice(2);
try {
  if (!process.env.DOES_NOT_ASK) useEnvProxy();
  const definition = smallEntry([mirror!]);
  await downloadFiles(
    { definition, folder: folder!, roles: ["trainLabels", "testImages"] },
    { retrySeconds: 0 },
  );
  console.log("downloaded");
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
