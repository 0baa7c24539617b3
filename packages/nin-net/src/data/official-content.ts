/** Whether what lies in a file is what its authors published. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { DataError } from "../core/errors.ts";
import { datasets } from "./datasets.ts";
import type { DataFile, DatasetDefinition, Digest, FileDataset } from "./definition.ts";
import type { UnpackedFile } from "./formats/read-data-file.ts";

/** What a digest is called. */
export const digestNames = { sha256: "SHA-256", md5: "MD5" } as const satisfies Record<
  Digest["algorithm"],
  string
>;

/** In hex. */
export function digestOf(algorithm: Digest["algorithm"], bytes: Uint8Array): string {
  return createHash(algorithm).update(bytes).digest("hex");
}

/**
 * SHA-256, in hex, of a file on the disk.
 *
 * @throws the system's error, with its `code`
 */
export async function sha256OfFile(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const piece of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(piece as Buffer);
  return hash.digest("hex");
}

/** The digest of a file that compares with the published one, in hex; null: that is of the `.gz`, and the file lies plain. */
export function comparableDigest({ of, algorithm }: Digest, { bytes, packed }: UnpackedFile): string | null {
  const source = of === "content" ? bytes : packed;
  return source === null ? null : digestOf(algorithm, source);
}

/**
 * Whether a file is the official one. One that cannot be compared with the published digest counts as it if it is as
 * long.
 */
export function isOfficial({ digest, bytes }: DataFile, file: UnpackedFile): boolean {
  const got = comparableDigest(digest, file);
  return got === null ? file.bytes.length === bytes : got === digest.hex;
}

/** @throws DataError if it is not the official one */
export function verifyContent(file: UnpackedFile, expected: DataFile, title: string): void {
  if (isOfficial(expected, file)) return;
  const { digest, bytes } = expected;
  const got = comparableDigest(digest, file);
  const difference =
    got === null
      ? `${file.bytes.length} bytes, expected ${bytes}`
      : `${digest.of === "gzip" ? "gzip data" : "content"} with ${digestNames[digest.algorithm]} ${got}, expected ${digest.hex}`;
  throw new DataError(
    `${file.where}: got ${difference}, the official ${title}. Copy or download the file again; if it is data of your ` +
      "own, switch this check off with --no-verify (in code: verify: false).",
  );
}

/** The file of a data set by which its contents are known: its last one, of idx files the smallest. */
export function signFile(definition: FileDataset): DataFile {
  return definition.files.test.at(-1)!;
}

/** The data set of the registry that a file is the {@link signFile} of. */
export function ownerOf(file: UnpackedFile): FileDataset | undefined {
  return fileDatasets().find((definition) => {
    const { digest } = signFile(definition);
    return comparableDigest(digest, file) === digest.hex;
  });
}

/** Whether data sets of the registry have other contents in a file of the same name. */
export function isNameShared({ name, digest }: DataFile): boolean {
  return fileDatasets()
    .map(signFile)
    .some((other) => other.name === name && other.digest.hex !== digest.hex);
}

function fileDatasets(): readonly FileDataset[] {
  return Object.values<DatasetDefinition>(datasets).filter((definition) => definition.kind === "files");
}
