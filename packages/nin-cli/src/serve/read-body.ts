import { HttpError } from "./http-error.ts";

/**
 * A request's body, read no further than allowed.
 *
 * @param signal - stops the reading; the promise then rejects with its reason
 * @throws HttpError 413 as soon as it is known to be too long, 400 if it is empty or breaks off
 */
export async function readBody(
  request: Request,
  mostBytes: number,
  signal: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
  const announced = Number(request.headers.get("content-length") ?? Number.NaN);
  if (announced > mostBytes) throw tooLarge(`${announced} bytes`, mostBytes);
  const reader = request.body?.getReader();
  if (reader === undefined) throw empty();
  const stop = () => void reader.cancel(signal.reason).catch(() => {});
  signal.addEventListener("abort", stop, { once: true });
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for (;;) {
      signal.throwIfAborted();
      const { done, value } = await reader.read();
      if (done) break;
      length += value.length;
      if (length > mostBytes) {
        stop();
        throw tooLarge(`more than ${mostBytes} bytes`, mostBytes);
      }
      chunks.push(value);
    }
  } catch (error) {
    if (error instanceof HttpError) throw error;
    signal.throwIfAborted();
    throw new HttpError(400, "The body broke off. Send it whole, with its right length.");
  } finally {
    signal.removeEventListener("abort", stop);
  }
  // A cancelled stream ends as if it were complete.
  signal.throwIfAborted();
  if (length === 0) throw empty();
  const body = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    body.set(chunk, at);
    at += chunk.length;
  }
  return body;
}

function empty(): HttpError {
  return new HttpError(400, "The body is empty, expected an image.");
}

function tooLarge(got: string, mostBytes: number): HttpError {
  return new HttpError(
    413,
    `Got a body of ${got}, expected at most ${mostBytes}. Send smaller pictures, or fewer at once.`,
    // The rest of the body is not read, so the connection cannot go on.
    { Connection: "close" },
  );
}
