/** Ways to bring the app to a page: bundlers, their servers, and none. */
import { cpSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { isolation, serveFolder } from "../browser/folder-server.js";
import { root } from "../project/sources.js";
import { runTool, runWith, startTool, tool } from "./apps.js";

/** The app, served. */
export interface ServedPage {
  readonly address: string;
  close(): void;
}

/** One way to build or serve the app; configurations are those of docs/browser.md. */
export interface PageTool {
  readonly name: string;
  /** Whether the default run has it: one of each kind. */
  readonly isFirst: boolean;
  readonly files?: Readonly<Record<string, string>>;
  /** What is done once, before any page is served. */
  readonly build?: (folder: string) => void;
  /** @param isIsolated - whether the page gets the headers of cross-origin isolation */
  readonly serve: (folder: string, isIsolated: boolean) => Promise<ServedPage>;
}

const page = (script: string) =>
  `<!doctype html><title>training</title><link rel="icon" href="data:,"><script type="module" src="${script}"></script>`;

/** Serves what a bundler has written. */
const serveOutput =
  (script: string) =>
  (folder: string, isIsolated: boolean): Promise<ServedPage> =>
    serveFolder(join(folder, "out"), { page: page(script), headers: isIsolated ? isolation : {} });

const worker = "node_modules/nin-net/dist/backends/wasm/worker.js";

/** `cp node_modules/nin-net/dist/backends/wasm/kernels-*.wasm out/` */
export function copyKernels(folder: string): void {
  const from = join(folder, "node_modules", "nin-net", "dist", "backends", "wasm");
  mkdirSync(join(folder, "out"), { recursive: true });
  for (const name of readdirSync(from).filter((file) => /^kernels-.*\.wasm$/.test(file))) {
    cpSync(join(from, name), join(folder, "out", name));
  }
}

/** As docs/browser.md has it. */
export function buildWithEsbuild(folder: string, ...options: readonly string[]): void {
  const output = ["--bundle", "--format=esm", "--outdir=out"];
  runTool(folder, "esbuild/bin/esbuild", "main.js", `worker=${worker}`, ...output, ...options);
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return (address as { port: number }).port;
}

/** @param config - the rest of the configuration, as docs/browser.md has it */
function vite(name: string, title: string, isFirst: boolean, config: string): readonly PageTool[] {
  const files = {
    "vite.config.js": `
      const headers = process.env.ISOLATED === "1"
        ? { "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp" }
        : {};
      export default { server: { headers }, preview: { headers }, ${config} };
    `,
  };
  const serveWith =
    (...command: readonly string[]) =>
    async (folder: string, isIsolated: boolean): Promise<ServedPage> => {
      const port = await freePort();
      const child = await startTool(
        folder,
        /Local:/,
        { ISOLATED: isIsolated ? "1" : "0" },
        `${name}/bin/vite.js`,
        ...command,
        ...["--host", "127.0.0.1", "--port", `${port}`, "--strictPort"],
      );
      return { address: `http://127.0.0.1:${port}/`, close: () => void child.kill() };
    };
  return [
    { name: `${title}, development server`, isFirst, files, serve: serveWith() },
    {
      name: `${title}, build and preview`,
      isFirst,
      files,
      build: (folder) => void runTool(folder, `${name}/bin/vite.js`, "build"),
      serve: serveWith("preview"),
    },
  ];
}

/** @param option - which of its bundlers Next.js builds with */
function next(title: string, option: string): PageTool {
  return {
    name: `Next.js 16, ${title}`,
    isFirst: false,
    files: {
      // Turbopack takes no modules from outside of its root, and the tests' are behind a link.
      "next.config.mjs": 'export default { output: "export", turbopack: { root: "/" } };',
      "app/layout.js": `
        export default ({ children }) => (
          <html lang="en">
            <head><link rel="icon" href="data:," /></head>
            <body>{children}</body>
          </html>
        );`,
      "app/page.js": `"use client";
        import { useEffect } from "react";
        export default function Page() {
          useEffect(() => void import("../main.js"), []);
          return <p>training</p>;
        }`,
    },
    build: (folder) => {
      // Without these it asks the network.
      const env = { NEXT_TELEMETRY_DISABLED: "1", CI: "1" };
      runWith(env, folder, process.execPath, tool("next/dist/bin/next"), "build", option);
    },
    serve: (folder, isIsolated) => serveFolder(join(folder, "out"), { headers: isIsolated ? isolation : {} }),
  };
}

const withoutPrebundling = 'optimizeDeps: { exclude: ["nin-net"] }';

/** The import map of docs/browser.md. */
function importMap(): string {
  const page = readFileSync(join(root, "docs", "browser.md"), "utf8");
  return /<script type="importmap">[\s\S]*?<\/script>/.exec(page)![0];
}

export const pageTools: readonly PageTool[] = [
  ...vite("vite8", "Vite 8", true, ""),
  ...vite("vite7", "Vite 7", false, withoutPrebundling),
  ...vite("vite5", "Vite 5", false, withoutPrebundling),
  {
    name: "webpack 5",
    isFirst: true,
    build: (folder) =>
      void runTool(
        folder,
        "webpack-cli/bin/cli.js",
        ...["--mode", "production", "--entry", "./main.js", "--output-path", "out"],
      ),
    serve: serveOutput("/main.js"),
  },
  next("webpack", "--webpack"),
  next("Turbopack", "--turbopack"),
  {
    name: "Rollup 4",
    isFirst: true,
    files: {
      "rollup.config.js": `
        import { nodeResolve } from "@rollup/plugin-node-resolve";
        export default {
          input: { main: "main.js", worker: "${worker}" },
          output: { dir: "out" },
          plugins: [nodeResolve({ browser: true })],
        };
      `,
    },
    build: (folder) => {
      runTool(folder, "rollup/dist/bin/rollup", "--config");
      copyKernels(folder);
    },
    serve: serveOutput("/main.js"),
  },
  {
    name: "esbuild",
    isFirst: true,
    build: (folder) => {
      buildWithEsbuild(folder);
      copyKernels(folder);
    },
    serve: serveOutput("/main.js"),
  },
  {
    name: "no bundler, with an import map",
    isFirst: true,
    serve: (folder, isIsolated) =>
      serveFolder(folder, {
        page: `<!doctype html><title>training</title><link rel="icon" href="data:,">
          ${importMap()}
          <script type="module" src="/main.js"></script>`,
        headers: isIsolated ? isolation : {},
      }),
  },
];
