/** Serves the checkout to a browser, and one page. */
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, normalize } from "node:path";
import { root } from "../project/sources.js";

export interface PageServer {
  readonly address: string;
  close(): void;
}

/** Chromium's WebGPU, played by a CPU. */
export const webGpuFlags = [
  "--enable-unsafe-webgpu",
  "--use-webgpu-adapter=swiftshader",
  "--enable-features=Vulkan",
];

const types: Readonly<Record<string, string>> = {
  ".js": "text/javascript",
  ".html": "text/html",
  ".wasm": "application/wasm",
};

/**
 * @param page - stands at `/`
 * @param files - what stands at other paths, besides the checkout's own files
 */
export async function servePage(
  page: string,
  files: Readonly<Record<string, Uint8Array>> = {},
): Promise<PageServer> {
  const server = createServer(async ({ url = "/" }, response) => {
    const path = normalize(new URL(url, "http://localhost").pathname);
    const body =
      path === "/" ? page : (files[path] ?? (await readFile(join(root, path)).catch(() => undefined)));
    response.writeHead(body === undefined ? 404 : 200, {
      "content-type": types[extname(path) || ".html"] ?? "application/octet-stream",
      // Without these a page has no shared memory, and the CPU device one thread.
      "cross-origin-opener-policy": "same-origin",
      "cross-origin-embedder-policy": "require-corp",
    });
    response.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    close: () => server.close(),
  };
}
