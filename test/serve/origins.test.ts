import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type TestContext, test } from "node:test";
import { launchChromium, noChromium } from "../report/chromium.js";
import { greyRows, post, testServer, testService } from "./fixtures.js";

const page = "https://app.example";
const preflight = (origin: string) => ({
  method: "OPTIONS",
  headers: {
    Origin: origin,
    "Access-Control-Request-Method": "POST",
    "Access-Control-Request-Headers": "authorization,content-type",
  },
});

for (const token of [undefined, "secret"]) {
  const guarded = token === undefined ? "without a token" : "with a token";
  const bearer: Record<string, string> = token === undefined ? {} : { Authorization: `Bearer ${token}` };

  test(`a preflight of a named origin is granted, ${guarded}`, async () => {
    const { app } = testService({}, { origins: [page, "http://localhost:3000"], ...(token && { token }) });
    for (const origin of [page, "http://localhost:3000"]) {
      const { status, headers } = await app.request("http://localhost/v1/predict", preflight(origin));
      assert.equal(status, 204);
      assert.equal(headers.get("access-control-allow-origin"), origin);
      assert.equal(headers.get("access-control-allow-methods"), "GET,HEAD,POST");
      assert.equal(headers.get("access-control-allow-headers"), "Accept,Authorization,Content-Type");
      assert.equal(headers.get("access-control-max-age"), "600");
      assert.equal(headers.get("access-control-allow-credentials"), null);
    }
  });

  test(`other origins are granted nothing, ${guarded}`, async () => {
    const { app } = testService({}, { origins: [page], ...(token && { token }) });
    for (const origin of ["https://evil.example", "http://app.example", `${page}:8443`, "null", ""]) {
      const { status, headers } = await app.request("http://localhost/v1/predict", preflight(origin));
      assert.equal(status, token === undefined ? 405 : 401, origin);
      assert.equal(headers.get("access-control-allow-origin"), null, origin);
      const called = await app.request(
        "http://localhost/v1/predict",
        post({ image: greyRows(0) }, { Origin: origin, ...bearer }),
      );
      assert.equal(called.headers.get("access-control-allow-origin"), null, origin);
    }
  });

  test(`answers and refusals can be read by a named origin, ${guarded}`, async () => {
    const { app } = testService({}, { origins: [page], ...(token && { token }) });
    const bodies = [
      [200, { image: greyRows(0) }],
      [422, { image: 1 }],
    ] as const;
    for (const [expected, body] of bodies) {
      const { status, headers } = await app.request(
        "http://localhost/v1/predict",
        post(body, { Origin: page, ...bearer }),
      );
      assert.equal(status, expected);
      assert.equal(headers.get("access-control-allow-origin"), page);
    }
    if (token === undefined) return;
    const refused = await app.request(
      "http://localhost/v1/predict",
      post({ image: greyRows(0) }, { Origin: page }),
    );
    assert.equal(refused.status, 401);
    assert.equal(refused.headers.get("access-control-allow-origin"), page);
  });
}

test("without named origins preflights are refused as before", async () => {
  const { app } = testService();
  const { status, headers } = await app.request("http://localhost/v1/predict", preflight(page));
  assert.equal(status, 405);
  assert.equal(headers.get("access-control-allow-origin"), null);
});

/** An origin with an empty page. */
async function emptyPage(t: TestContext): Promise<string> {
  const server = createServer((_, response) => {
    response.setHeader("Content-Type", "text/html");
    response.end("<!doctype html><title>page</title>");
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test("a page in a browser calls with a token if its origin is named, and only then", {
  skip: noChromium,
}, async (t) => {
  const [named, other] = [await emptyPage(t), await emptyPage(t)];
  const { listening } = await testServer(t, {}, { token: "secret", origins: [named] });
  const browser = await launchChromium();
  t.after(() => browser.close());
  const callFrom = async (origin: string) => {
    const tab = await browser.newPage();
    await tab.goto(origin);
    return await tab.evaluate(
      async ([url, image]) => {
        try {
          const response = await fetch(`${url}/v1/predict?top=1`, {
            method: "POST",
            headers: { Authorization: "Bearer secret", "Content-Type": "application/json" },
            body: JSON.stringify({ image }),
          });
          return (await response.json()).predictions[0].top[0].name as string;
        } catch (error) {
          return String(error);
        }
      },
      [listening.url, greyRows(255)] as const,
    );
  };
  assert.equal(await callFrom(named), "light");
  assert.equal(await callFrom(other), "TypeError: Failed to fetch");
});
