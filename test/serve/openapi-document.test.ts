import assert from "node:assert/strict";
import { test } from "node:test";
import { Validator } from "@seriousme/openapi-schema-validator";
import { Ajv2020 } from "ajv/dist/2020.js";
import { greyFile, greyRows, testService } from "./fixtures.js";

interface Document {
  readonly openapi: string;
  readonly info: { readonly version: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly security?: unknown;
}
interface Operation {
  readonly parameters?: readonly { readonly name: string; readonly in: string }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: object }>> };
  readonly responses: Readonly<Record<string, object>>;
  readonly security?: unknown;
}

async function documentOf(token?: string): Promise<Document> {
  const { app } = testService({}, token === undefined ? {} : { token });
  const headers = token === undefined ? {} : { Authorization: `Bearer ${token}` };
  return (await (await app.request("http://localhost/openapi.json", { headers })).json()) as Document;
}

for (const token of [undefined, "a-long-secret"]) {
  test(`the document is valid OpenAPI 3.1, ${token === undefined ? "without" : "with"} a token`, async () => {
    const document = await documentOf(token);
    const { valid, errors } = await new Validator().validate({ ...document });
    assert.ok(valid, JSON.stringify(errors));
    assert.match(document.openapi, /^3\.1\./);
    assert.equal(document.info.version, "1.2.3");
  });
}

test("the document names every path and every way to be refused", async () => {
  const { paths } = await documentOf("a-long-secret");
  const statuses = Object.entries(paths).map(([path, operations]) => [
    path,
    ...Object.entries(operations).map(([method, { responses }]) => `${method}: ${Object.keys(responses)}`),
  ]);
  assert.deepEqual(statuses, [
    ["/v1/predict", "post: 200,400,401,408,413,415,422,500,503,504"],
    ["/v1/explain", "post: 200,400,401,408,413,415,422,500,503,504"],
    ["/healthz", "get: 200,400,500,503"],
    ["/metrics", "get: 200,400,401,500,503"],
    ["/openapi.json", "get: 200,400,401,500,503"],
  ]);
  const { paths: withoutToken } = await documentOf();
  assert.ok("421" in withoutToken["/healthz"]!.get!.responses);
});

test("the document says what needs a token", async () => {
  const document = await documentOf("a-long-secret");
  assert.deepEqual(document.security, [{ token: [] }]);
  assert.deepEqual(document.paths["/healthz"]!.get!.security, []);
  assert.equal((await documentOf()).security, undefined);
});

test("the document's schema of a request takes what the service takes, and nothing else", async () => {
  const { parameters, requestBody } = (await documentOf()).paths["/v1/predict"]!.post!;
  assert.deepEqual(
    parameters!.map(({ name, in: where }) => `${where} ${name}`),
    ["query top", "query invert"],
  );
  const takes = new Ajv2020().compile(requestBody!.content["application/json"]!.schema);
  const base64 = Buffer.from(greyFile(1)).toString("base64");
  assert.ok(takes({ image: greyRows(0) }));
  assert.ok(takes({ image: base64 }));
  assert.ok(takes({ images: [greyRows(0), base64] }));
  assert.ok(!takes({ images: [] }));
  assert.ok(!takes({ image: greyRows(256) }));
  assert.ok(!takes({ image: greyRows(0), images: [] }));
});
