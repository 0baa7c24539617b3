/**
 * Network in Network in TypeScript: define it, train it, look inside it, use it.
 *
 * @module nin-net
 */

export { measureRoofline, type Roofline } from "./backends/wasm/roofline-node.ts";
export * from "./browser.ts";
export { expectationOf } from "./core/issue-words.ts";
export { systemReason } from "./core/system-reason.ts";
export { cacheFolder, type DataOrigin } from "./data/data-locations.ts";
export { type DatasetReport, describeData, type LocationReport } from "./data/describe-data.ts";
export type { DownloadOptions, DownloadProgress } from "./data/download-files.ts";
export { useEnvProxy } from "./data/env-proxy.ts";
export { flushFile, flushFolder } from "./data/flush.ts";
export { getMnistData, type MnistDataOptions } from "./data/get-mnist-data.ts";
export { type LoadOptions, loadDataset } from "./data/load-dataset.ts";
export { makeFolders } from "./data/make-folders.ts";
export { loadWeights } from "./interop/load-weights-node.ts";
export { type Launcher, launcherOf, withoutLauncher } from "./ranks/launcher.ts";
export {
  type CommunicatorOptions,
  describeCommunicator,
  openCommunicator,
} from "./ranks/open-communicator-node.ts";
