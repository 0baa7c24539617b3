import { createServer, type IncomingMessage, type ServerResponse, STATUS_CODES } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { getRequestListener, RequestError } from "@hono/node-server";
import type { Hono } from "hono";
import { NinError } from "nin-net";
import { HttpError, serviceFailed } from "./http-error.ts";
import type { Service } from "./service.ts";

export interface ListenOptions {
  /** Name or address of this machine. */
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
  /** Told of errors that are no refusal: faults of this program or of the machine. */
  readonly onFault: (error: unknown) => void;
}

/** A service that listens. */
export interface Listening {
  /** Where it is called, e.g. `http://127.0.0.1:8080`. */
  readonly url: string;
  /** Takes no more requests, finishes those in flight, then ends all connections. */
  close(): Promise<void>;
}

/** Seconds that a caller has for a request's head. */
const headSeconds = 10;
/** Callers connected at the same time, those included that ask nothing. */
const mostConnections = 1024;

/**
 * Listens for requests.
 *
 * @throws NinError if the address cannot be had
 */
export async function listen(app: Hono, service: Service, options: ListenOptions): Promise<Listening> {
  const { host, port, onFault } = options;
  /** Answers being given. */
  const open = new Set<ServerResponse>();
  let whenDone: (() => void) | undefined;
  const handle = getRequestListener(app.fetch, {
    overrideGlobalObjects: false,
    errorHandler: (error) => {
      if (error instanceof RequestError) {
        return refusal(new HttpError(400, "The request's address or Host header is not valid."));
      }
      onFault(error);
      return refusal(new HttpError(500, serviceFailed));
    },
  });
  const server = createServer(
    {
      keepAliveTimeout: 1000 * service.limits.keepAliveSeconds,
      headersTimeout: 1000 * headSeconds,
      // The service's own limit comes first; this one ends what is stuck below it.
      requestTimeout: 1000 * (service.limits.seconds + headSeconds),
      connectionsCheckingInterval: 1000,
      requireHostHeader: false, // the listener refuses it, in JSON
    },
    (incoming, outgoing) => {
      open.add(outgoing);
      outgoing.once("close", () => {
        open.delete(outgoing);
        if (open.size === 0) whenDone?.();
      });
      void handle(incoming, outgoing);
    },
  );
  server.maxConnections = mostConnections;
  server.on("clientError", (error: NodeJS.ErrnoException, socket: Duplex) => {
    if (error.code === "ECONNRESET" || !socket.writable) socket.destroy();
    else refuseRaw(socket, badRequest(error.code));
  });
  server.on("checkExpectation", (_: IncomingMessage, outgoing: ServerResponse) => {
    const { status, body } = new HttpError(417, "Expect takes 100-continue alone.");
    const text = JSON.stringify(body);
    outgoing.writeHead(status, {
      "Content-Type": "application/json",
      "Content-Length": Buffer.byteLength(text),
      Connection: "close",
    });
    outgoing.end(text);
  });
  server.on("connect", (_: IncomingMessage, socket: Duplex) => {
    refuseRaw(socket, new HttpError(405, "This service is no proxy.", { Allow: "GET, HEAD, POST" }));
  });

  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => reject(cannotListen(host, port, error)));
    server.listen({ host, port }, resolve);
  });
  const { address, port: given, family } = server.address() as AddressInfo;
  return {
    url: `http://${family === "IPv6" ? `[${address}]` : address}:${given}`,
    async close() {
      service.isClosing = true;
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      if (open.size > 0) {
        await new Promise<void>((resolve) => {
          whenDone = resolve;
        });
      }
      server.closeAllConnections();
      await closed;
    },
  };
}

function refusal({ body, status, headers }: HttpError): Response {
  return Response.json(body, { status, headers });
}

/** What Node's parser complains of, as a refusal. */
function badRequest(code: string | undefined): HttpError {
  switch (code) {
    case "HPE_HEADER_OVERFLOW":
      return new HttpError(431, "The request's head is too large. Send fewer or shorter headers.");
    case "HPE_CHUNK_EXTENSIONS_OVERFLOW":
      return new HttpError(413, "The body's chunk extensions are too large. Send none.");
    case "ERR_HTTP_REQUEST_TIMEOUT":
      return new HttpError(408, "The request did not arrive in time. Send it at once.");
    default:
      return new HttpError(400, "This is not an HTTP/1.1 request.");
  }
}

/** Answers where there is no request object, and ends the connection. */
function refuseRaw(socket: Duplex, { status, body, headers }: HttpError): void {
  const text = JSON.stringify(body);
  const lines = Object.entries({
    "Content-Type": "application/json",
    "Content-Length": Buffer.byteLength(text),
    Connection: "close",
    ...headers,
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join("")}\r\n${text}`);
}

function cannotListen(host: string, port: number, { code, message }: NodeJS.ErrnoException): NinError {
  const where = `${host}:${port}`;
  switch (code) {
    case "EADDRINUSE":
      return new NinError(`${where} is in use. Choose another --port, or 0 for any that is free.`);
    case "EACCES":
      return new NinError(`${where}: this user may not listen there. Choose a --port from 1024 up.`);
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return new NinError(`${host}: is not an address of this machine. Choose another --host.`);
    default:
      return new NinError(`${where}: cannot listen there (${code ?? message}). Choose another address.`);
  }
}
