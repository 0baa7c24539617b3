import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import fc from "fast-check";
import { againstDocument } from "./against-document.js";
import { damaged } from "./damaged.js";
import { greyFile, greyRows, testServer, testService, until } from "./fixtures.js";

const json = JSON.stringify({ images: [greyRows(7), Buffer.from(greyFile(9)).toString("base64")] });
const form = `--x\r\nContent-Disposition: form-data; name="image"; filename="a"\r\n\r\n${Buffer.from(greyFile(1)).toString("latin1")}\r\n--x--\r\n`;

const body = fc.oneof(
  fc.uint8Array({ maxLength: 300 }),
  fc.json({ maxDepth: 6 }).map((text) => Buffer.from(text)),
  fc
    .anything()
    .map((value) =>
      Buffer.from(JSON.stringify({ image: value }, (_, v) => (typeof v === "bigint" ? 1 : v)) ?? ""),
    ),
  ...[json, form, "GREY"].map((text) => damaged(Buffer.from(text, "latin1"))),
  damaged(greyFile(3)),
  fc.nat(50_000).map((depth) => Buffer.from(`{"image":${"[".repeat(depth)}`)),
);

const contentType = fc.oneof(
  fc.constantFrom(
    "application/json",
    "application/json; charset=utf-16",
    "image/png",
    "image/",
    "application/octet-stream",
    "multipart/form-data; boundary=x",
    'multipart/form-data; boundary="x',
    "multipart/form-data",
    "text/plain",
    "",
  ),
  fc.string({ unit: fc.constantFrom(..."abm/;=\"' \t,\\-"), maxLength: 30 }),
);

const word = fc.string({ unit: fc.constantFrom(..."ab1%2f.&=?#[]{}<>+;:@é\u{1f9e6}"), maxLength: 12 });
const path = fc.oneof(
  { weight: 4, arbitrary: fc.constant("/v1/predict") },
  fc.constantFrom(
    "/",
    "/v1/explain",
    "/healthz",
    "/metrics",
    "/openapi.json",
    "/v1/predict/",
    "//",
    "/%",
    "/v1/../healthz",
  ),
  word.map((text) => `/${text}`),
);
const query = fc.oneof(
  fc.constant(""),
  fc.constantFrom(
    "?top=2",
    "?top=",
    "?top=1e1",
    "?top=-0",
    "?invert=maybe",
    "?top=1&top=9",
    "?%",
    "?__proto__=1",
  ),
  word.map((text) => `?${text}`),
);

/** Nothing of this program's inside may show in a refusal. */
function assertDiscreet(text: string): void {
  assert.doesNotMatch(text, /node_modules|\.[jt]s:\d|\bat \w+ \(|TypeError|RangeError|SyntaxError|\/work\b/);
  assert.ok(!text.includes(process.cwd()), text);
}

const fuzz = { numRuns: 600, seed: 20_260, endOnFailure: false } as const;

test("no request makes the service fail, tells of its inside or stays behind", async () => {
  const { app, service, faults } = testService({ images: 4, bodyBytes: 100_000 });
  const seen = new Map<number, number>();
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom("POST", "POST", "POST", "POST", "GET", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH"),
      path,
      query,
      contentType,
      body,
      async (method, at, asked, type, bytes) => {
        const hasBody = method !== "GET" && method !== "HEAD";
        const url = new URL(`http://localhost${at}${asked}`);
        const headers = new Headers();
        if (type.trim() !== "") headers.set("Content-Type", type);
        const response = await app.request(url.href, {
          method,
          headers,
          ...(hasBody && { body: Uint8Array.from(bytes) }),
        });
        seen.set(response.status, (seen.get(response.status) ?? 0) + 1);
        assert.notEqual(response.status, 500);
        if (method !== "HEAD") {
          const answer = await againstDocument(app, url.pathname, method, response);
          if (answer.status >= 400) assertDiscreet(JSON.stringify(answer.body));
        }
        assert.deepEqual([service.requests, service.batcher.waiting, faults], [0, 0, []]);
      },
    ),
    fuzz,
  );
  for (const status of [200, 400, 404, 405, 415, 422]) {
    assert.ok(seen.has(status), `never ${status}: ${JSON.stringify([...seen])}`);
  }
});

test("no bytes on a connection make the server fail or stay behind", async (t) => {
  const before = process.getActiveResourcesInfo();
  const { listening, port, service, faults } = await testServer(t, { seconds: 0.2, bodyBytes: 10_000 });
  const good = `POST /v1/predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${json.length}\r\n\r\n${json}`;
  const chunked = `POST /v1/predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: image/png\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nGREY\r\n0\r\n\r\n`;
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(
        ...[good, chunked].map((text) => damaged(Buffer.from(text, "latin1"))),
        fc.uint8Array({ maxLength: 400 }),
        fc
          .tuple(fc.constantFrom(...good.split("\r\n").slice(0, 4)), fc.uint8Array({ maxLength: 40 }))
          .map(([line, rest]) => Buffer.concat([Buffer.from(`${line}\r\n`), rest, Buffer.from("\r\n\r\n")])),
      ),
      async (bytes) => {
        const socket = connect(port, "127.0.0.1");
        const chunks: Buffer[] = [];
        socket.on("data", (chunk) => void chunks.push(chunk));
        socket.on("error", () => {});
        socket.end(bytes);
        await once(socket, "close");
        const text = Buffer.concat(chunks).toString("latin1");
        assert.doesNotMatch(text, /^HTTP\/1\.1 5(?!03|04)/m);
        assertDiscreet(text);
        assert.deepEqual(faults, []);
      },
    ),
    { ...fuzz, numRuns: 250 },
  );
  await until(() => service.requests === 0 && service.batcher.waiting === 0);
  await listening.close();
  await delay(20); // handles are let go on a later turn
  const left = process.getActiveResourcesInfo().filter((kind) => /TCP|Timeout/.test(kind));
  assert.deepEqual(
    left,
    before.filter((kind) => /TCP|Timeout/.test(kind)),
  );
});
