import { DataError, type Invert } from "nin-net";
import { HttpError } from "./http-error.ts";
import type { Limits } from "./limits.ts";
import { type FormPart, readForm } from "./multipart.ts";
import type { Pictures, PreparedFile } from "./picture-pool.ts";
import { bytesOf, decodeBase64, firstIssue, type ImageSchemas } from "./schemas.ts";

export interface ReadImagesOptions {
  readonly schemas: ImageSchemas;
  readonly limits: Limits;
  readonly invert: Invert;
  readonly pictures: Pictures;
  readonly signal: AbortSignal;
  /** Reads the request's body. */
  readonly body: () => Promise<Uint8Array<ArrayBuffer>>;
}

/** The ways in which a request can hold images. */
const accepted = "image/*, application/octet-stream, multipart/form-data or application/json";

/**
 * The images of a request, as the network takes them, and what there is to say of them.
 *
 * @throws HttpError 400, 413, 415 or 422 that says what is wrong with which image
 */
export async function readImages(request: Request, options: ReadImagesOptions): Promise<PreparedFile[]> {
  const type = request.headers.get("content-type") ?? "";
  const mediaType = type.split(";")[0]!.trim().toLowerCase();
  const encoding = request.headers.get("content-encoding") ?? "identity";
  if (encoding.toLowerCase() !== "identity") {
    throw new HttpError(415, "Got a body in a content encoding, expected it as it is. Send it uncompressed.");
  }
  const { body: read } = options;
  if (mediaType === "application/json") return fromJson(await read(), options);
  if (mediaType === "multipart/form-data") return fromForm(await read(), type, options);
  if (mediaType.startsWith("image/") || mediaType === "application/octet-stream") {
    return [await prepared(await read(), "The body", options)];
  }
  throw new HttpError(
    415,
    `Got ${mediaType === "" ? "no content type" : "another content type"}, expected ${accepted}.`,
  );
}

async function fromJson(body: Uint8Array, options: ReadImagesOptions): Promise<PreparedFile[]> {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch {
    throw new HttpError(400, "The body is not JSON in UTF-8. Check its quotes, commas and brackets.");
  }
  const isMany = typeof value === "object" && value !== null && "images" in value;
  const parsed = (isMany ? options.schemas.many : options.schemas.one).safeParse(value);
  if (!parsed.success) throw new HttpError(422, firstIssue(parsed.error));
  const images = "images" in parsed.data ? parsed.data.images : [parsed.data.image];
  return inOrder(images, (image, index) => {
    if (typeof image !== "string") return { pixels: bytesOf(image), notes: [] };
    const file = decodeBase64(image);
    return prepared(file, isMany ? `images[${index}]` : "image", options);
  });
}

async function fromForm(
  body: Uint8Array,
  contentType: string,
  options: ReadImagesOptions,
): Promise<PreparedFile[]> {
  let files: FormPart[];
  try {
    files = await readForm(body, contentType, "image");
  } catch {
    throw new HttpError(400, "The body is not the multipart form that its content type announces.");
  }
  const most = options.limits.images;
  if (files.length === 0) throw new HttpError(422, 'The form has no files, expected them in fields "image".');
  if (files.length > most) {
    throw new HttpError(422, `The form has ${files.length} files, expected at most ${most}.`);
  }
  return inOrder(files, ({ isFile, bytes }, index) => {
    const name = `image ${index}`;
    if (!isFile) throw new HttpError(422, `${name}: got a text, expected a file.`);
    return prepared(bytes, name, options);
  });
}

/** One after the other: a request with many pictures does not take all threads that decode. */
async function inOrder<T>(
  items: readonly T[],
  work: (item: T, index: number) => PreparedFile | Promise<PreparedFile>,
): Promise<PreparedFile[]> {
  const results: PreparedFile[] = [];
  for (const [index, item] of items.entries()) results.push(await work(item, index));
  return results;
}

async function prepared(
  file: Uint8Array,
  name: string,
  { invert, limits, pictures, signal }: ReadImagesOptions,
): Promise<PreparedFile> {
  signal.throwIfAborted();
  try {
    return await pictures.prepare(file, { invert, mostPixels: limits.pixels, signal });
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof DataError)) throw error;
    throw new HttpError(422, `${name} ${error.message.replace(/^(?:image|picture): /, "")}`);
  }
}
