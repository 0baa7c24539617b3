/** Serves a folder to a browser. */
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, normalize } from "node:path";

export interface FolderServer {
  readonly address: string;
  /** What has been asked for so far and was there, by path. */
  readonly served: ReadonlyMap<string, Buffer>;
  close(): void;
}

export interface FolderOptions {
  /** Stands at `/`; default: the folder's index.html. */
  readonly page?: string;
  /** What stands at other paths, besides the folder's own files. */
  readonly files?: Readonly<Record<string, Uint8Array>>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Without these a page has no shared memory, and the CPU device one thread. */
export const isolation = {
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-embedder-policy": "require-corp",
};

const types: Readonly<Record<string, string>> = {
  ".js": "text/javascript",
  ".html": "text/html",
  ".wasm": "application/wasm",
};

export async function serveFolder(
  folder: string,
  { page, files = {}, headers = isolation }: FolderOptions = {},
): Promise<FolderServer> {
  const served = new Map<string, Buffer>();
  const bodyOf = async (path: string): Promise<Uint8Array | undefined> => {
    if (path === "/" && page !== undefined) return Buffer.from(page);
    const file = join(folder, path === "/" ? "index.html" : path);
    return files[path] ?? (await readFile(file).catch(() => undefined));
  };
  const server = createServer(async ({ url = "/" }, response) => {
    const path = normalize(new URL(url, "http://localhost").pathname);
    const body = await bodyOf(path);
    if (body !== undefined) served.set(path, Buffer.from(body));
    response.writeHead(body === undefined ? 404 : 200, {
      "content-type": types[extname(path) || ".html"] ?? "application/octet-stream",
      ...headers,
    });
    response.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    served,
    close: () => server.close(),
  };
}
