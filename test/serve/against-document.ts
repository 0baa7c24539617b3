import assert from "node:assert/strict";
import { Ajv2020 } from "ajv/dist/2020.js";
import type { Hono } from "hono";

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}
interface Operation {
  readonly responses: Readonly<Record<string, { readonly content: Readonly<Record<string, object>> }>>;
}

export interface Answer {
  readonly status: number;
  /** Of JSON the value, of the rest the text. */
  readonly body: unknown;
  readonly headers: Headers;
}

/** Each service's document, read once. */
const documents = new WeakMap<Hono, Document>();

/** Reads an answer; fails unless the service's document announces its status, media type and body. */
export async function againstDocument(
  app: Hono,
  path: string,
  method: string,
  response: Response,
  token?: string,
): Promise<Answer> {
  let document = documents.get(app);
  if (document === undefined) {
    const headers = token === undefined ? {} : { Authorization: `Bearer ${token}` };
    const read = await app.request("http://localhost/openapi.json", { headers });
    document = (await read.json()) as Document;
    documents.set(app, document);
  }
  return compare(document, path, method, response);
}

async function compare(
  document: Document,
  path: string,
  method: string,
  response: Response,
): Promise<Answer> {
  const [mediaType] = (response.headers.get("content-type") ?? "").split(";");
  const text = await response.text();
  const isJson = mediaType === "application/json";
  const body: unknown = isJson ? JSON.parse(text) : text;
  const { status, headers } = response;
  const operation = document.paths[path.split("?")[0]!]?.[method.toLowerCase()];
  if (operation === undefined) {
    // What is not in the document is refused in the way that it says.
    assert.ok([400, 401, 404, 405, 421, 503].includes(status), `${method} ${path}: ${status}`);
    validate(document, "/components/schemas/Error", body);
    return { status, body, headers };
  }
  const where = `/paths/${path.split("?")[0]!.replaceAll("/", "~1")}/${method.toLowerCase()}/responses/${status}`;
  const announced = operation.responses[String(status)];
  assert.ok(announced, `${method} ${path}: status ${status} is not in the document`);
  assert.ok(announced.content[mediaType!], `${method} ${path}: ${mediaType} is not in the document`);
  validate(document, `${where}/content/${mediaType!.replaceAll("/", "~1")}/schema`, body);
  return { status, body, headers };
}

/** Compiled schemas, by document. */
const validators = new WeakMap<object, Ajv2020>();

function validate(document: object, pointer: string, value: unknown): void {
  let ajv = validators.get(document);
  if (ajv === undefined) {
    ajv = new Ajv2020({ strict: false });
    ajv.addSchema({ $id: "nin:openapi", ...document });
    validators.set(document, ajv);
  }
  const isValid = ajv.validate(`nin:openapi#${pointer}`, value);
  assert.ok(isValid, `${pointer}: ${ajv.errorsText()} in ${JSON.stringify(value)}`);
}
