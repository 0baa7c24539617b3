/** A registry of npm packages on this machine, with packages that a test makes: npm's own client fetches from it. */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { npm } from "../../project/npm.js";

/** Files of a package by their paths in it. */
export type PackageFiles = Readonly<Record<string, string | Uint8Array>>;

/** Answers a request itself, or leaves it to the registry by returning false. */
export type Interception = (request: IncomingMessage, response: ServerResponse) => boolean;

export class Registry implements AsyncDisposable {
  /** Settings of npm's client, and of a cache of its own. */
  readonly env: Readonly<Record<string, string>>;
  readonly requests: string[] = [];
  readonly #scratch: string;
  readonly #server;

  private constructor(scratch: string, server: ReturnType<typeof createServer>, address: string) {
    this.#scratch = scratch;
    this.#server = server;
    this.env = {
      npm_config_registry: address,
      npm_config_cache: join(scratch, "cache"),
      npm_config_userconfig: join(scratch, "no-npmrc"),
      npm_config_noproxy: "127.0.0.1",
    };
  }

  /** Starts one that has a single package. */
  static async open(
    name: string,
    version: string,
    files: PackageFiles,
    intercept: Interception = () => false,
  ): Promise<Registry> {
    const scratch = mkdtempSync(join(tmpdir(), "nin-registry-"));
    const tarball = packed(scratch, name, version, files);
    let registry: Registry | undefined;
    const server = createServer((request, response) => {
      registry?.requests.push(request.url!);
      if (intercept(request, response)) return;
      if (request.url === `/${name}.tgz`) response.end(tarball);
      else if (request.url === `/${name}`)
        response.end(JSON.stringify(document(name, version, tarball, address)));
      else response.writeHead(404).end("{}");
    });
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    registry = new Registry(scratch, server, address);
    return registry;
  }

  /** Runs with npm's client set to this registry, then puts the environment back. */
  async use<T>(work: () => Promise<T>): Promise<T> {
    return withEnvironment(this.env, work);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((done) => this.#server.close(done));
    rmSync(this.#scratch, { recursive: true, force: true });
  }
}

/** Runs with variables set, then puts them back. */
export async function withEnvironment<T>(
  env: Readonly<Record<string, string | undefined>>,
  work: () => Promise<T>,
): Promise<T> {
  const before = Object.fromEntries(Object.keys(env).map((name) => [name, process.env[name]]));
  const set = (values: Readonly<Record<string, string | undefined>>): void => {
    for (const [name, value] of Object.entries(values)) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  };
  set(env);
  try {
    return await work();
  } finally {
    set(before);
  }
}

function packed(scratch: string, name: string, version: string, files: PackageFiles): Buffer {
  const folder = join(scratch, "package");
  const all = { ...files, "package.json": JSON.stringify({ name, version }) };
  for (const [path, content] of Object.entries(all)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  const report = npm(folder, "pack", "--json", "--ignore-scripts", "--pack-destination", scratch);
  const [{ filename }] = JSON.parse(report) as [{ filename: string }];
  return readFileSync(join(scratch, filename));
}

function document(name: string, version: string, tarball: Buffer, address: string): unknown {
  const integrity = `sha512-${createHash("sha512").update(tarball).digest("base64")}`;
  const dist = { tarball: `${address}${name}.tgz`, integrity };
  return { name, "dist-tags": { latest: version }, versions: { [version]: { name, version, dist } } };
}

/** Whether npm's client can be run here at all, or why tests that need it are skipped. */
export function npmSkip(): string | false {
  try {
    execFileSync("npm", ["--version"], { stdio: "ignore", shell: process.platform === "win32" });
    return false;
  } catch {
    return "there is no npm here";
  }
}
