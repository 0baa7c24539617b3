import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import * as http from "node:http";
import { type AddressInfo, connect } from "node:net";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { type Ended, noNpm, runNin, temporaryFolder } from "../cli/run-nin.js";
import { contents, fileNames, fileRoles } from "./fixtures.js";

const isAble = "setGlobalProxyFromEnv" in http;
const cannot = isAble ? false : `Node ${process.versions.node} can use no proxy by itself`;
const canByVariable = process.allowedNodeEnvironmentFlags.has("--use-env-proxy");

/** A proxy on this machine. It reaches one mirror, whatever name it is asked for. */
async function openProxy(t: TestContext): Promise<{ address: string; asked: string[]; port: number }> {
  const asked: string[] = [];
  const mirror = http.createServer(({ url = "" }, response) => {
    const role = fileRoles.find((known) => url.endsWith(`/${fileNames[known]}.gz`));
    if (role === undefined) response.writeHead(404).end();
    else response.end(gzipSync(contents[role]));
  });
  const proxy = http.createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    mirror.emit("request", request, response);
  });
  proxy.on("connect", ({ url = "" }, socket, head) => {
    asked.push(`CONNECT ${url}`);
    if (url.endsWith(":443")) return void socket.end("HTTP/1.1 403 Forbidden\r\n\r\n");
    const upstream = connect((mirror.address() as AddressInfo).port, "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 Connection Established\r\n\r\n");
      upstream.write(head);
      upstream.pipe(socket).pipe(upstream);
    });
    for (const each of [socket, upstream]) each.on("error", () => each.destroy());
  });
  for (const server of [mirror, proxy]) {
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    t.after(() => {
      server.closeAllConnections();
      server.close();
    });
  }
  const { port } = proxy.address() as AddressInfo;
  return { address: `http://127.0.0.1:${port}`, asked, port };
}

/** Runs proxied-download.ts in a process of its own. */
function download(folder: string, mirror: string, env: Record<string, string>): Promise<Ended> {
  const script = fileURLToPath(new URL("./proxied-download.js", import.meta.url));
  const child = spawn(process.execPath, [script, folder, mirror], {
    env: { PATH: process.env.PATH, ...env },
  });
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (text) => {
    stdout += text;
  });
  child.stderr.on("data", (text) => {
    stderr += text;
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (status) => resolve({ status, stdout, stderr }));
  });
}

for (const [variable, form] of [
  ["HTTP_PROXY", "with a scheme"],
  ["http_proxy", "without a scheme"],
] as const) {
  test(`downloads go through the proxy of ${variable}, ${form}`, { skip: cannot }, async (t) => {
    const { address, asked } = await openProxy(t);
    const value = form === "with a scheme" ? address : address.replace("http://", "");
    // A name that nobody but the proxy knows.
    const mirror = "http://mirror.invalid/data/";
    const { status, stdout, stderr } = await download(temporaryFolder(t), mirror, { [variable]: value });
    assert.deepEqual([status, stdout, stderr], [0, "downloaded\n", ""]);
    assert.ok(asked.length > 0 && asked.every((line) => line.includes("mirror.invalid")), asked.join());
  });
}

test("NO_PROXY is left out", { skip: cannot }, async (t) => {
  const { address, asked } = await openProxy(t);
  const env = { HTTP_PROXY: address, NO_PROXY: "mirror.invalid" };
  const { status } = await download(temporaryFolder(t), "http://mirror.invalid/data/", env);
  assert.equal(status, 1);
  assert.deepEqual(asked, []);
});

test("nin data --download asks the proxy of HTTPS_PROXY", { skip: cannot }, async (t) => {
  const { address, asked } = await openProxy(t);
  const folder = temporaryFolder(t);
  const args = ["data", "--download", "mnist", "--data-dir", folder];
  const refused = await runNin(args, { env: { ...noNpm, HTTPS_PROXY: address } });
  assert.equal(refused.status, 1);
  assert.ok(asked.length > 0 && asked.every((line) => /^CONNECT [\w.-]+:443$/.test(line)), asked.join());
  assert.doesNotMatch(refused.stderr, /NODE_USE_ENV_PROXY/);

  const wrong = await runNin(args, {
    env: { ...noNpm, HTTPS_PROXY: "socks5://me:secret@127.0.0.1:1" },
  });
  assert.match(
    wrong.stderr,
    /HTTPS_PROXY is no address of a proxy, expected one such as http:\/\/proxy\.example:3128\./,
  );
  assert.doesNotMatch(wrong.stderr, /secret/);
});

test("a library that does not ask for the proxy, or a Node that cannot use it, is told NODE_USE_ENV_PROXY=1", async (t) => {
  const { address, asked } = await openProxy(t);
  const env = { HTTPS_PROXY: address, DOES_NOT_ASK: "1" };
  const { status, stderr } = await download(temporaryFolder(t), "http://mirror.invalid/data/", env);
  assert.equal(status, 1);
  assert.match(stderr, /HTTPS_PROXY is set, but Node [\d.]+ .*NODE_USE_ENV_PROXY=1/);
  assert.deepEqual(asked, []);
  if (!canByVariable) return;
  const byNode = { HTTP_PROXY: address, DOES_NOT_ASK: "1", NODE_USE_ENV_PROXY: "1" };
  const used = await download(temporaryFolder(t), "http://mirror.invalid/data/", byNode);
  assert.deepEqual([used.status, used.stdout], [0, "downloaded\n"], used.stderr);
});
