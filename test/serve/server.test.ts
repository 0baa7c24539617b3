import assert from "node:assert/strict";
import { once } from "node:events";
import { Agent, request } from "node:http";
import { connect, type Socket } from "node:net";
import { test } from "node:test";
import { listen } from "#nin-cli/serve/server.js";
import { greyFile, greyRows, held, post, testServer, testService, until } from "./fixtures.js";

/** Sends bytes to a server and returns all that comes back until it ends the connection. */
async function raw(port: number, text: string | Uint8Array): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  socket.write(text);
  return received(socket);
}

async function received(socket: Socket): Promise<string> {
  const chunks: Buffer[] = [];
  socket.on("data", (chunk) => void chunks.push(chunk));
  socket.on("error", () => {});
  if (!socket.closed) await once(socket, "close");
  return Buffer.concat(chunks).toString("latin1");
}

function unexpected(error: unknown): never {
  throw error;
}

/** The status and the error code of an answer as it came over the wire. */
function refusalOf(answer: string): { status: number; code: string } {
  const [head = "", body = ""] = answer.split("\r\n\r\n");
  assert.match(head, /^content-type: application\/json/im, answer);
  const { error } = JSON.parse(body) as { error: { status: number; code: string; message: string } };
  assert.equal(`HTTP/1.1 ${error.status}`, head.slice(0, 12));
  assert.ok(error.message.length > 0);
  return { status: error.status, code: error.code };
}

const end = "Connection: close\r\n\r\n";

for (const [what, text, status, code] of [
  ["noise", "\x16\x03\x01\x02\r\n\r\n", 400, "bad_request"],
  ["no Host", `GET /healthz HTTP/1.1\r\n${end}`, 400, "bad_request"],
  ["a Host that makes no address", `GET / HTTP/1.1\r\nHost: a b\r\n${end}`, 400, "bad_request"],
  ["an address that is none", `GET http://[ HTTP/1.1\r\nHost: localhost\r\n${end}`, 400, "bad_request"],
  [
    "another machine's name",
    `GET /healthz HTTP/1.1\r\nHost: evil.example\r\n${end}`,
    421,
    "misdirected_request",
  ],
  [
    "too large a head",
    `GET / HTTP/1.1\r\nHost: localhost\r\nX: ${"x".repeat(20_000)}\r\n${end}`,
    431,
    "headers_too_large",
  ],
  [
    "two lengths",
    `POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n${end}`,
    400,
    "bad_request",
  ],
  [
    "a length and chunks",
    `POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n${end}`,
    400,
    "bad_request",
  ],
  [
    "an expectation",
    `POST /v1/predict HTTP/1.1\r\nHost: localhost\r\nExpect: wonders\r\n${end}`,
    417,
    "expectation_failed",
  ],
  [
    "a proxy's CONNECT",
    `CONNECT example.com:443 HTTP/1.1\r\nHost: example.com\r\n\r\n`,
    405,
    "method_not_allowed",
  ],
  ["TRACE", `TRACE /healthz HTTP/1.1\r\nHost: localhost\r\n${end}`, 405, "method_not_allowed"],
] as const) {
  test(`answers ${what} with ${status} and JSON`, async (t) => {
    const { listening, port, faults } = await testServer(t);
    assert.deepEqual(refusalOf(await raw(port, text)), { status, code });
    await listening.close();
    assert.deepEqual(faults, []);
  });
}

test("chunks that are none end the request with 400", async (t) => {
  const { listening, port, service, faults } = await testServer(t);
  const head = "POST /v1/predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: image/png\r\n";
  assert.match(await raw(port, `${head}Transfer-Encoding: chunked\r\n\r\nzz\r\n`), /^HTTP\/1\.1 400 /);
  await until(() => service.requests === 0);
  await listening.close();
  assert.deepEqual(faults, []);
});

test("a body that grows too long is refused before it ends", async (t) => {
  const { listening, port, service } = await testServer(t, { bodyBytes: 1000 });
  const socket = connect(port, "127.0.0.1");
  const head = "POST /v1/predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: image/png\r\n";
  socket.write(`${head}Transfer-Encoding: chunked\r\n\r\n`);
  socket.write(`800\r\n${"x".repeat(0x800)}\r\n`);
  assert.deepEqual(refusalOf(await received(socket)), { status: 413, code: "body_too_large" });
  await until(() => service.requests === 0);
  await listening.close();
});

test("a body that stays away is 408, and the connection ends", async (t) => {
  const { listening, port, service } = await testServer(t, { seconds: 0.1 });
  const head = "POST /v1/predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: image/png\r\n";
  const answer = await raw(port, `${head}Content-Length: 100\r\n\r\nGREY`);
  assert.deepEqual(refusalOf(answer), { status: 408, code: "request_timeout" });
  assert.equal(service.requests, 0);
  await listening.close();
});

test("callers that hang up leave nothing behind", async (t) => {
  const { listening, port, service, model, faults } = await testServer(t);
  const gate = held();
  model.before = () => gate.promise;
  const body = JSON.stringify({ image: greyRows(0) });
  const sockets = Array.from({ length: 5 }, () => connect(port, "127.0.0.1"));
  for (const socket of sockets) {
    socket.on("error", () => {});
    socket.write("POST /v1/predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n");
    socket.write(`Content-Length: ${body.length}\r\n\r\n${body}`);
  }
  await until(() => service.requests === 5);
  for (const socket of sockets) socket.resetAndDestroy();
  await until(() => service.batcher.waiting === 0);
  gate.release();
  await until(() => service.requests === 0);
  assert.ok(model.batches.length <= 1 && faults.length === 0, `${model.batches} ${faults}`);
  await listening.close();
});

test("requests in flight together run in batches larger than one", async (t) => {
  const { listening, model } = await testServer(t);
  const gate = held();
  model.before = () => gate.promise;
  const agent = new Agent({ keepAlive: true });
  const body = JSON.stringify({ image: greyRows(0) });
  const answers = Array.from({ length: 40 }, async () => {
    const call = request(`${listening.url}/v1/predict`, {
      method: "POST",
      agent,
      headers: { "Content-Type": "application/json" },
    });
    call.end(body);
    const [response] = await once(call, "response");
    response.resume();
    await once(response, "end");
    return response.statusCode as number;
  });
  await until(() => model.batches.length === 1);
  setTimeout(gate.release, 100);
  assert.deepEqual(new Set(await Promise.all(answers)), new Set([200]));
  assert.equal(
    model.batches.reduce((sum, images) => sum + images, 0),
    40,
  );
  assert.ok(Math.max(...model.batches) > 1, `batches of ${model.batches}`);
  assert.ok(Math.max(...model.batches) <= 32, `batches of ${model.batches}`);
  agent.destroy();
  await listening.close();
});

test("keeps an idle connection for longer than load balancers do, or as long as told", async (t) => {
  for (const [limits, seconds] of [
    [{}, 75],
    [{ keepAliveSeconds: 90 }, 90],
  ] as const) {
    const { listening, port } = await testServer(t, limits);
    const socket = connect(port, "127.0.0.1");
    socket.write("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
    const [answer] = (await once(socket, "data")) as [Buffer];
    assert.match(answer.toString(), new RegExp(`^keep-alive: timeout=${seconds}\\r$`, "im"));
    socket.destroy();
    await listening.close();
  }
});

test("closing finishes what is in flight, refuses what comes, and ends idle connections", async (t) => {
  const { listening, port, model, service } = await testServer(t);
  const gate = held();
  model.before = () => gate.promise;
  const silent = connect(port, "127.0.0.1");
  await once(silent, "connect");
  const silentEnd = received(silent);
  const keepAlive = connect(port, "127.0.0.1");
  const body = JSON.stringify({ image: greyRows(0) });
  const predict = `POST /v1/predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
  const answered = received(keepAlive);
  keepAlive.write(predict);
  const sending = connect(port, "127.0.0.1"); // has sent half of its body when the end comes
  const answeredLater = received(sending);
  sending.write(predict.slice(0, -100));
  await until(() => service.requests === 2);

  const closed = listening.close();
  const [refused] = await once(connect(port, "127.0.0.1").on("connect", unexpected), "error");
  assert.equal((refused as NodeJS.ErrnoException).code, "ECONNREFUSED");
  sending.write(predict.slice(-100));
  gate.release();
  await closed;
  for (const answer of [await answered, await answeredLater]) {
    assert.match(answer, /^HTTP\/1\.1 200 OK\r\n/);
    assert.match(answer, /^connection: close\r$/im);
    assert.match(answer, /"name":"dark"/);
  }
  assert.equal(await silentEnd, "");
  assert.equal(service.requests, 0);
});

test("says what is wrong with an address", async (t) => {
  const { listening, port } = await testServer(t);
  const { app, service } = testService();
  const cannot = (host: string, at: number) =>
    assert.rejects(listen(app, service, { host, port: at, onFault: unexpected }), (error: Error) => {
      messages.push(error.message);
      return error.name === "NinError";
    });
  const messages: string[] = [];
  await cannot("127.0.0.1", port);
  await cannot("192.0.2.1", 0);
  assert.deepEqual(messages, [
    `127.0.0.1:${port} is in use. Choose another --port, or 0 for any that is free.`,
    "192.0.2.1: is not an address of this machine. Choose another --host.",
  ]);
  await listening.close();
});

test("listens on IPv6", async (t) => {
  const { app, service } = testService();
  let listening: Awaited<ReturnType<typeof listen>>;
  try {
    listening = await listen(app, service, { host: "::1", port: 0, onFault: unexpected });
  } catch {
    t.skip("this machine has no IPv6");
    return;
  }
  assert.match(listening.url, /^http:\/\/\[::1\]:\d+$/);
  const response = await fetch(
    `${listening.url}/v1/predict`,
    post(greyFile(9), { "Content-Type": "image/x" }),
  );
  assert.equal(response.status, 200);
  await listening.close();
});
