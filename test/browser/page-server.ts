/** Serves the checkout to a browser, and one page. */
import { root } from "../project/sources.js";
import { type FolderServer, serveFolder } from "./folder-server.js";

export type PageServer = Pick<FolderServer, "address" | "close">;

/** Chromium's WebGPU, played by a CPU. */
export const webGpuFlags = [
  "--enable-unsafe-webgpu",
  "--use-webgpu-adapter=swiftshader",
  "--enable-features=Vulkan",
];

/**
 * @param page - stands at `/`
 * @param files - what stands at other paths, besides the checkout's own files
 */
export function servePage(
  page: string,
  files: Readonly<Record<string, Uint8Array>> = {},
): Promise<PageServer> {
  return serveFolder(root, { page, files });
}
