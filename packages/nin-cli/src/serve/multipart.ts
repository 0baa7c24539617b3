import { Busboy } from "@fastify/busboy";

/** What stands in one field of a form. */
export interface FormPart {
  /** A file, or a text. */
  readonly isFile: boolean;
  readonly bytes: Uint8Array;
}

/**
 * Reads the fields of one name from a multipart form, by one reader on every Node (`Response.formData` refuses on
 * Node 20 and 22 what it reads on 24): names with and without quotes, `filename*`, a preamble and an epilogue.
 *
 * A part is a file if it has a file name, or a content type other than text/plain.
 *
 * @param contentType - with the boundary
 * @returns the parts in their order
 * @throws Error if the body is no such form, or breaks off
 * @see https://www.rfc-editor.org/rfc/rfc7578
 */
export function readForm(body: Uint8Array, contentType: string, name: string): Promise<FormPart[]> {
  return new Promise((resolve, reject) => {
    const parts: FormPart[] = [];
    const form = new Busboy({
      headers: { "content-type": contentType },
      limits: { fieldSize: body.length },
      isPartAFile: (_name, type, fileName) =>
        fileName !== undefined || (type ?? "text/plain") !== "text/plain",
    });
    form.on("file", (field, file, _fileName, encoding) => {
      const pieces: Buffer[] = [];
      file.on("data", (piece: Buffer) => void pieces.push(piece));
      file.on("error", reject);
      file.on("end", () => {
        if (field === name) parts.push({ isFile: true, bytes: decoded(Buffer.concat(pieces), encoding) });
      });
    });
    form.on("field", (field, text) => {
      if (field === name) parts.push({ isFile: false, bytes: Buffer.from(text) });
    });
    form.on("error", reject);
    form.on("finish", () => resolve(parts));
    form.end(body);
  });
}

/** Browsers send bytes as they are; some mail libraries' forms have base64. */
function decoded(bytes: Buffer, encoding: string): Uint8Array {
  return encoding.toLowerCase() === "base64" ? Buffer.from(bytes.toString("latin1"), "base64") : bytes;
}
