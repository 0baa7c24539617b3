import assert from "node:assert/strict";
import { test } from "node:test";
import { Hono } from "hono";
import { isLoopback, loopbackGuard, tokenPattern } from "#nin-cli/serve/guard.js";
import type { HttpError } from "#nin-cli/serve/http-error.js";

test("knows which hosts only this machine reaches", () => {
  const hosts = ["localhost", "LOCALHOST.", "127.0.0.1", "127.1.2.3", "::1"];
  assert.deepEqual(hosts.filter(isLoopback), hosts);
  const others = [
    "0.0.0.0",
    "::",
    "192.168.1.2",
    "128.0.0.1",
    "localhost.example",
    "notlocalhost",
    "",
    "::2",
  ];
  assert.deepEqual(others.filter(isLoopback), []);
});

test("without a token a request must name this machine", async () => {
  const app = new Hono().get("/healthz", loopbackGuard, ({ text }) => text("ok"));
  app.onError((error, { text }) => text(`${error.name} ${(error as HttpError).status}`));
  const asking = async (host: string) => (await app.request(`http://${host}/healthz`)).text();
  for (const host of ["localhost:8080", "127.0.0.1", "[::1]:80"]) {
    assert.equal(await asking(host), "ok");
  }
  for (const host of ["127.0.0.1.example", "evil.example:8080", "[::2]"]) {
    assert.equal(await asking(host), "HttpError 421");
  }
});

test("a token is what fits into an Authorization header", () => {
  const fits = ["a", "A-z_0.9~+/", "abc=="];
  assert.deepEqual(
    fits.filter((text) => tokenPattern.test(text)),
    fits,
  );
  for (const text of ["", " ", "a b", "sö", "=", "a=b", "a\n"]) assert.ok(!tokenPattern.test(text), text);
});
