/** The compiled kernels: files beside this module, found by addresses that bundlers understand. */
import { NinError } from "../../core/errors.ts";
import { watchPolicy } from "./page-policy.ts";

/** Which of the compiled kernels. */
export interface KernelVariant {
  /** With multiply-add in one rounding. */
  readonly relaxed: boolean;
  /** With a memory that threads share. */
  readonly shared: boolean;
}

/**
 * Bundlers copy a file and put in its new address where the whole expression stands as here: no template, no variable.
 */
const addresses: Readonly<Record<string, () => URL>> = {
  "kernels-plain-single.wasm": () => new URL("./kernels-plain-single.wasm", import.meta.url),
  "kernels-plain-shared.wasm": () => new URL("./kernels-plain-shared.wasm", import.meta.url),
  "kernels-relaxed-single.wasm": () => new URL("./kernels-relaxed-single.wasm", import.meta.url),
  "kernels-relaxed-shared.wasm": () => new URL("./kernels-relaxed-shared.wasm", import.meta.url),
};

/** What a WebAssembly module begins with: a zero byte and "asm". */
const magic = [0x00, 0x61, 0x73, 0x6d];

/** Compiled kernels, and the name of their file. */
export interface KernelFile {
  readonly name: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/**
 * Reads kernels, in Node from the file system, in browsers from where the page's scripts come from.
 *
 * @throws NinError naming the file, if it is not where it should be
 */
export async function readKernels({ relaxed, shared }: KernelVariant): Promise<KernelFile> {
  const name = `kernels-${relaxed ? "relaxed" : "plain"}-${shared ? "shared" : "single"}.wasm`;
  const url = addressOf(name);
  const bytes = await (url.protocol === "file:" ? readLocal(name, url) : fetchKernels(name, url));
  if (!magic.every((byte, i) => bytes[i] === byte)) {
    throw notThere(name, url, "what stands there is something else");
  }
  return { name, bytes };
}

function addressOf(name: string): URL {
  try {
    return addresses[name]!();
  } catch {
    throw new NinError(
      `${name} cannot be found: this script was bundled in a format without import.meta.url. Bundle it as an ES module, with esbuild by --format=esm.`,
    );
  }
}

async function readLocal(name: string, url: URL): Promise<Uint8Array<ArrayBuffer>> {
  const fs = globalThis.process?.getBuiltinModule?.("node:fs/promises");
  if (fs === undefined) return fetchKernels(name, url);
  try {
    return new Uint8Array(await fs.readFile(url));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw notThere(name, url, code === "ENOENT" ? "there is no such file" : message);
  }
}

async function fetchKernels(name: string, url: URL): Promise<Uint8Array<ArrayBuffer>> {
  const policy = watchPolicy("connect-src");
  try {
    const response = await fetch(url);
    if (response.ok) return new Uint8Array(await response.arrayBuffer());
    const answer = `${response.status} ${response.statusText}`.trim();
    throw notThere(name, url, `the server answers ${answer}`);
  } catch (error) {
    if (error instanceof NinError) throw error;
    if (await policy.wasBroken()) {
      throw new NinError(
        `The page's Content-Security-Policy forbids loading ${name} from ${url.href}. Add ${url.origin} to its connect-src.`,
      );
    }
    throw notThere(name, url, error instanceof Error ? error.message : String(error));
  } finally {
    policy.stop();
  }
}

function notThere(name: string, url: URL, why: string): NinError {
  return new NinError(`Cannot load ${name} from ${url.href}: ${why}. ${advice(url)}`);
}

/** Development servers of Vite before 8 bundle packages without their files. */
function advice({ pathname }: URL): string {
  return pathname.includes("/.vite/")
    ? 'Set optimizeDeps: { exclude: ["nin-net"] } in the configuration of Vite.'
    : "Copy node_modules/nin-net/dist/backends/wasm/kernels-*.wasm to that folder, or let the bundler do it: see Bundlers in the README of nin-net.";
}

/**
 * Compiles kernels.
 *
 * @throws NinError if the page forbids it, or the file is damaged
 */
export async function compileKernels({ name, bytes }: KernelFile): Promise<WebAssembly.Module> {
  try {
    return await WebAssembly.compile(bytes);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    // Chromium and Safari name the keyword that is missing, Firefox says CSP.
    throw new NinError(
      /unsafe-eval|\bCSP\b/.test(why)
        ? "The page's Content-Security-Policy forbids WebAssembly, which the CPU backend is made of. Add 'wasm-unsafe-eval' to its script-src."
        : `${name} is damaged: ${why}. Install nin-net again, or copy the file again to where it is served from.`,
    );
  }
}
