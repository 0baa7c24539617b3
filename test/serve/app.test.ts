import assert from "node:assert/strict";
import { test } from "node:test";
import { againstDocument } from "./against-document.js";
import { greyFile, greyPictures, greyRows, held, post, testService, unsure, until } from "./fixtures.js";

/** Calls a service of the test's own; every answer must be one that its document announces. */
async function ask(
  app: ReturnType<typeof testService>["app"],
  path: string,
  init?: RequestInit,
): Promise<{ status: number; body: unknown; headers: Headers }> {
  const response = await app.request(`http://localhost${path}`, init);
  return againstDocument(app, path, init?.method ?? "GET", response);
}

/** Probabilities of the likeliest class and of the others: scores of 1, 0 and 0. */
const most = 1 / (1 + 2 * Math.exp(-1));
const rest = Math.exp(-1) / (1 + 2 * Math.exp(-1));
const top = (name: string, index: number, probability: number) => ({ index, name, probability });

test("predicts from rows of grey levels, likeliest class first", async () => {
  const { app } = testService();
  const { status, body } = await ask(app, "/v1/predict", post({ image: greyRows(200) }));
  assert.equal(status, 200);
  assert.deepEqual(body, {
    predictions: [{ top: [top("light", 2, most), top("dark", 0, rest), top("grey", 1, rest)] }],
  });
});

test("predicts several images at once, from rows and from files in base64, in their order", async () => {
  const { app, model } = testService();
  const images = [greyRows(100), Buffer.from(greyFile(10)).toString("base64"), greyRows(255)];
  const { body } = await ask(app, "/v1/predict?top=1", post({ images }));
  assert.deepEqual(body, {
    predictions: [
      { top: [top("grey", 1, most)] },
      { top: [top("dark", 0, most)] },
      { top: [top("light", 2, most)] },
    ],
  });
  assert.deepEqual(model.batches, [3]);
});

test("takes base64 as other programs write it", async () => {
  const { app } = testService();
  // 251 is a level whose base64 has + or /, so the alphabets differ.
  const file = Buffer.from(greyFile(251));
  const plain = file.toString("base64");
  assert.match(plain, /[+/]/);
  for (const image of [
    `data:image/png;base64,${plain}`,
    `DATA:image/png;charset=x;base64,${plain}`,
    file.toString("base64url"),
    plain.replace(/=+$/, ""),
    plain.replace(/.{76}/g, "$&\r\n"),
    `${plain}\n`,
  ]) {
    const { status, body } = await ask(app, "/v1/predict?top=1", post({ image }));
    assert.deepEqual(
      [status, body],
      [200, { predictions: [{ top: [top("light", 2, most)] }] }],
      image.slice(0, 40),
    );
  }
  for (const image of ["data:image/png,x", "a*b", "data:image/png;base64,", " ", "a=b"]) {
    assert.equal((await ask(app, "/v1/predict", post({ image }))).status, 422, image);
  }
});

test("predicts a file that is the body, and files of a form", async () => {
  const { app } = testService();
  for (const type of ["image/png", "application/octet-stream", "Image/WebP; q=1"]) {
    const { body } = await ask(app, "/v1/predict?top=1", post(greyFile(0), { "Content-Type": type }));
    assert.deepEqual(body, { predictions: [{ top: [top("dark", 0, most)] }] });
  }
  const form = new FormData();
  form.append("image", new Blob([greyFile(0)]), "a.png");
  form.append("image", new Blob([greyFile(100)]), "b.png");
  const { body } = await ask(app, "/v1/predict?top=1&invert=yes", post(form));
  assert.deepEqual(body, {
    predictions: [{ top: [top("light", 2, most)] }, { top: [top("grey", 1, most)] }],
  });
});

test("says of which picture files the answer may be wrong", async () => {
  const { app } = testService();
  const images = [77, 78].map((level) => Buffer.from(greyFile(level)).toString("base64"));
  const body = { images: [...images, greyRows(77)] };
  const notesIn = (answer: unknown, name: string) =>
    (answer as Record<string, { notes?: unknown }[]>)[name]!.map(({ notes }) => notes);
  const predicted = await ask(app, "/v1/predict", post(body));
  assert.deepEqual(notesIn(predicted.body, "predictions"), [[unsure], undefined, undefined]);
  const explained = await ask(app, "/v1/explain", post(body));
  assert.deepEqual(notesIn(explained.body, "explanations"), [[unsure], undefined, undefined]);
});

test("explains: what the network saw, and the maps of the likeliest classes", async () => {
  const { app } = testService();
  const { status, body } = await ask(
    app,
    "/v1/explain?top=2",
    post({ images: [greyRows(1), greyRows(255)] }),
  );
  assert.equal(status, 200);
  const explained = (name: string, index: number, score: number) => ({
    ...top(name, index, score === 1 ? most : rest),
    score,
    map: [
      [score, score],
      [score, score],
    ],
  });
  assert.deepEqual(body, {
    explanations: [
      { input: greyRows(1), top: [explained("dark", 0, 1), explained("grey", 1, 0)] },
      { input: greyRows(255), top: [explained("light", 2, 1), explained("dark", 0, 0)] },
    ],
  });
});

test("says in one sentence why a network without class maps cannot be explained", async () => {
  const { app, model } = testService();
  model.whyNoMaps = "got a network that ends in Linear.";
  const { status, body } = await ask(app, "/v1/explain", post({ image: greyRows(7) }));
  assert.equal(status, 422);
  assert.deepEqual(body, {
    error: {
      status: 422,
      code: "unprocessable",
      message:
        "This network's scores are not averages of class maps: got a network that ends in Linear. Ask /v1/predict instead.",
    },
  });
  assert.equal((await ask(app, "/v1/predict", post({ image: greyRows(7) }))).status, 200);
});

test("draws an explanation where PNG is asked for, of one image", async () => {
  const { app } = testService();
  const accept = { Accept: "image/webp, image/png;q=0.9" };
  const drawn = await ask(app, "/v1/explain", post({ image: greyRows(7) }, accept));
  assert.deepEqual(
    [drawn.status, drawn.headers.get("content-type"), drawn.body],
    [200, "image/png", "dark 7"],
  );
  const two = await ask(app, "/v1/explain", post({ images: [greyRows(7), greyRows(8)] }, accept));
  assert.equal(two.status, 422);
  assert.match(JSON.stringify(two.body), /Got 2 images, expected one for a drawing\./);
  const either = await ask(app, "/v1/explain", post({ image: greyRows(7) }, { Accept: "*/*" }));
  assert.equal(either.headers.get("content-type"), "application/json");
});

const json = { "Content-Type": "application/json" };
test("reads forms as other programs write them", async () => {
  const { app } = testService();
  const disposition = "Content-Disposition: form-data";
  const heads = [
    `${disposition}; name="image"; filename="a.png"`,
    `${disposition}; name=image; filename=a.png; filename*=utf-8''a.png`, // .NET's MultipartFormDataContent
    `${disposition}; name="image"; filename*=UTF-8''%e2%82%ac.png`,
    `${disposition}; name="image"; filename="a \\"b\\".png"`,
    `content-disposition: form-data; filename="a;name=x"; name="image"`,
    `Content-Type: image/png\r\nContent-Length: 788\r\n${disposition}; name="image"`, // no file name
  ];
  const types = ["boundary=b-1", 'boundary="b-1"', "charset=utf-8; Boundary=b-1"];
  const frames = [
    ["", ""],
    ["A preamble.\r\n", "\r\nAn epilogue."],
    ["\r\n", "\r\n"],
  ] as const;
  const file = Buffer.from(greyFile(100)).toString("latin1");
  for (const head of heads) {
    for (const type of types) {
      for (const [before, after] of frames) {
        const text = `${before}--b-1\r\n${head}\r\n\r\n${file}\r\n--b-1--${after}`;
        const headers = { "Content-Type": `multipart/form-data; ${type}` };
        const { status, body } = await ask(app, "/v1/predict?top=1&invert=no", {
          method: "POST",
          body: Buffer.from(text, "latin1"),
          headers,
        });
        assert.deepEqual(
          [status, body],
          [200, { predictions: [{ top: [top("grey", 1, most)] }] }],
          JSON.stringify([text.slice(0, 200), type]),
        );
      }
    }
  }
  const inBase64 = `--b\r\n${heads[0]}\r\nContent-Transfer-Encoding: base64\r\n\r\n${Buffer.from(file, "latin1").toString("base64")}\r\n--b--`;
  const headers = { "Content-Type": "multipart/form-data; boundary=b" };
  assert.equal((await ask(app, "/v1/predict", { method: "POST", body: inBase64, headers })).status, 200);
});

test("a form that breaks off or has other boundaries is no form", async () => {
  const { app } = testService();
  const head = 'Content-Disposition: form-data; name="image"; filename="a"\r\n\r\n';
  const texts = [
    `--x\r\n${head}GREY`,
    `--x\r\n${head}`,
    "--x\r\nContent-Disp",
    "--x",
    `--y\r\n${head}GREY\r\n--y--\r\n`,
    "GREY",
  ];
  for (const text of texts) {
    const { status } = await ask(app, "/v1/predict", post(text, aForm));
    assert.equal(status, 400, text);
  }
});

const aForm = { "Content-Type": "multipart/form-data; boundary=x" };
const formOf = (name: string, text: string) =>
  `--x\r\nContent-Disposition: form-data; ${name}\r\n\r\n${text}\r\n--x--\r\n`;

/** Requests that are refused: what is sent, and what comes back. */
const refused: readonly (readonly [
  what: string,
  path: string,
  init: RequestInit,
  status: number,
  code: string,
  message: string | RegExp,
])[] = [
  [
    "an unknown path",
    "/v2/predict",
    {},
    404,
    "not_found",
    /^There is no such path, expected \/v1\/predict, .*\/openapi\.json\.$/,
  ],
  ["another method", "/v1/predict", {}, 405, "method_not_allowed", "/v1/predict takes POST alone."],
  [
    "another method",
    "/healthz",
    { method: "DELETE" },
    405,
    "method_not_allowed",
    "/healthz takes GET, HEAD alone.",
  ],
  [
    "an empty body",
    "/v1/predict",
    { method: "POST", headers: json },
    400,
    "bad_request",
    "The body is empty, expected an image.",
  ],
  [
    "what is no JSON",
    "/v1/predict",
    post("{"),
    400,
    "bad_request",
    "The body is not JSON in UTF-8. Check its quotes, commas and brackets.",
  ],
  [
    "bytes that are no UTF-8",
    "/v1/predict",
    post(Uint8Array.of(0x22, 0xff, 0x22)),
    400,
    "bad_request",
    "The body is not JSON in UTF-8. Check its quotes, commas and brackets.",
  ],
  [
    "JSON without an image",
    "/v1/predict",
    post({}),
    422,
    "unprocessable",
    "image: expected 28 rows of grey levels, or a picture in base64.",
  ],
  [
    "a wrong number of rows",
    "/v1/predict",
    post({ image: greyRows(0).slice(1) }),
    422,
    "unprocessable",
    "image: expected exactly 28 items.",
  ],
  [
    "a grey level out of range",
    "/v1/predict",
    post({ images: [greyRows(1), greyRows(256)] }),
    422,
    "unprocessable",
    "images[1][0][0]: expected a number of at most 255.",
  ],
  [
    "an unknown setting",
    "/v1/predict",
    post({ image: greyRows(0), colour: 1 }),
    422,
    "unprocessable",
    'The body: expected no "colour".',
  ],
  [
    "too many images",
    "/v1/predict",
    post({ images: new Array(4).fill(greyRows(0)) }),
    422,
    "unprocessable",
    "images: expected at most 3 items.",
  ],
  [
    "a file that is not a picture",
    "/v1/predict",
    post("hello", { "Content-Type": "image/png" }),
    422,
    "unprocessable",
    "The body is not a picture.",
  ],
  [
    "a broken picture among others",
    "/v1/predict",
    post({ images: [greyRows(0), "AAAA"] }),
    422,
    "unprocessable",
    /^images\[1\] is not a picture\./,
  ],
  [
    "a form that is none",
    "/v1/predict",
    post("hello", aForm),
    400,
    "bad_request",
    "The body is not the multipart form that its content type announces.",
  ],
  [
    "a form without files",
    "/v1/predict",
    post(formOf('name="other"', "1"), aForm),
    422,
    "unprocessable",
    'The form has no files, expected them in fields "image".',
  ],
  [
    "a form with a text for a file",
    "/v1/predict",
    post(formOf('name="image"', "1"), aForm),
    422,
    "unprocessable",
    "image 0: got a text, expected a file.",
  ],
  [
    "another content type",
    "/v1/predict",
    post("a=1", { "Content-Type": "text/plain" }),
    415,
    "unsupported_media_type",
    "Got another content type, expected image/*, application/octet-stream, multipart/form-data or application/json.",
  ],
  [
    "no content type",
    "/v1/predict",
    { method: "POST", body: greyFile(0) },
    415,
    "unsupported_media_type",
    /^Got no content type, expected /,
  ],
  [
    "a compressed body",
    "/v1/predict",
    post("x", { "Content-Encoding": "gzip" }),
    415,
    "unsupported_media_type",
    "Got a body in a content encoding, expected it as it is. Send it uncompressed.",
  ],
  [
    "a body that is too long",
    "/v1/predict",
    post(greyFile(0), { "Content-Type": "image/png", "Content-Length": "70000" }),
    413,
    "body_too_large",
    "Got a body of 70000 bytes, expected at most 65536. Send smaller pictures, or fewer at once.",
  ],
  [
    "a body that turns out too long",
    "/v1/predict",
    post(new Uint8Array(70_000), { "Content-Type": "image/png" }),
    413,
    "body_too_large",
    "Got a body of more than 65536 bytes, expected at most 65536. Send smaller pictures, or fewer at once.",
  ],
  [
    "an unknown query",
    "/v1/predict?best=1",
    post({ image: greyRows(0) }),
    400,
    "bad_request",
    'The query: expected no "best".',
  ],
  [
    "a query out of range",
    "/v1/predict?top=4",
    post({ image: greyRows(0) }),
    400,
    "bad_request",
    "The query, top: expected a number of at most 3.",
  ],
  [
    "a name that is not this machine's",
    "",
    { headers: {} },
    421,
    "misdirected_request",
    "This service answers to localhost alone. Call it as http://localhost or 127.0.0.1.",
  ],
];

for (const [what, path, init, status, code, message] of refused) {
  test(`refuses ${what} with ${status}: ${init.method ?? "GET"} ${path}`, async () => {
    const { app, service, faults } = testService({ images: 3, bodyBytes: 65_536 });
    const url = path === "" ? "http://evil.example/healthz" : `http://localhost${path}`;
    const response = await app.request(url, init);
    const answer = await againstDocument(app, new URL(url).pathname, init.method ?? "GET", response);
    const { error } = answer.body as { error: { status: number; code: string; message: string } };
    assert.deepEqual([answer.status, error.status, error.code], [status, status, code]);
    if (typeof message === "string") assert.equal(error.message, message);
    else assert.match(error.message, message);
    assert.deepEqual([service.requests, service.batcher.waiting, faults], [0, 0, []]);
  });
}

test("says which methods a path takes", async () => {
  const { app } = testService();
  const { headers } = await ask(app, "/v1/predict", { method: "PUT" });
  assert.equal(headers.get("allow"), "POST");
});

test("HEAD gives the head alone", async () => {
  const { app } = testService();
  const response = await app.request("http://localhost/healthz", { method: "HEAD" });
  assert.deepEqual([response.status, await response.text()], [200, ""]);
});

test("a picture with too many pixels is refused with 422", async () => {
  const { app } = testService({ pixels: 783 });
  const { status, body } = await ask(app, "/v1/predict", post(greyFile(0), { "Content-Type": "image/png" }));
  assert.equal(status, 422);
  assert.match(JSON.stringify(body), /The body has 784 pixels, expected at most 783\./);
});

test("a token opens everything; without it only the health can be asked", async () => {
  const { app } = testService({}, { token: "a-long-secret" });
  const asking = async (path: string, authorization?: string) => {
    const headers = authorization === undefined ? {} : { Authorization: authorization };
    const response = await app.request(`http://nin.example${path}`, { headers });
    return (await againstDocument(app, path, "GET", response, "a-long-secret")).status;
  };
  assert.equal(await asking("/healthz"), 200);
  assert.equal(await asking("/metrics"), 401);
  assert.equal(await asking("/nowhere"), 401);
  assert.equal(await asking("/metrics", "Bearer a-long-secre"), 401);
  assert.equal(await asking("/metrics", "Bearer a-long-secret2"), 401);
  assert.equal(await asking("/metrics", "Basic a-long-secret"), 401);
  assert.equal(await asking("/metrics", "Bearer"), 400);
  assert.equal(await asking("/metrics", "bearer  a-long-secret"), 200);
  assert.equal(await asking("/nowhere", "Bearer a-long-secret"), 404);
});

test("refusals of tokens say what is wrong as RFC 6750 has it", async () => {
  const { app } = testService({}, { token: "a-long-secret" });
  const challenge = async (authorization?: string) => {
    const headers = authorization === undefined ? {} : { Authorization: authorization };
    const response = await app.request("http://nin.example/metrics", { headers });
    return `${response.status} ${response.headers.get("www-authenticate")}`;
  };
  // Section 3.1: no error code for who sends no token, or another scheme.
  assert.equal(await challenge(), '401 Bearer realm="nin"');
  assert.equal(await challenge("Basic a-long-secret"), '401 Bearer realm="nin"');
  assert.equal(await challenge("Bearer2 a-long-secret"), '401 Bearer realm="nin"');
  assert.equal(await challenge("Bearer"), '400 Bearer realm="nin", error="invalid_request"');
  assert.equal(await challenge("Bearer a b"), '400 Bearer realm="nin", error="invalid_request"');
  assert.equal(await challenge("Bearer other"), '401 Bearer realm="nin", error="invalid_token"');
  // Section 2.1: one space or more; RFC 9110, section 11.1: schemes in any case.
  assert.equal(await challenge("BEARER   a-long-secret"), "200 null");
});

test("too many requests at once are refused with 503, until one is done", async () => {
  const { app, model, service } = testService({ requests: 2 });
  const gate = held();
  model.before = () => gate.promise;
  const two = [1, 2].map(() => ask(app, "/v1/predict", post({ image: greyRows(0) })));
  await until(() => service.requests === 2);
  const third = await ask(app, "/v1/predict", post({ image: greyRows(0) }));
  assert.equal(third.status, 503);
  assert.equal(third.headers.get("retry-after"), "1");
  assert.equal((await ask(app, "/healthz")).status, 200);
  gate.release();
  assert.deepEqual(
    (await Promise.all(two)).map(({ status }) => status),
    [200, 200],
  );
  assert.equal((await ask(app, "/v1/predict", post({ image: greyRows(0) }))).status, 200);
});

test("an answer that takes too long is 504, and its image leaves the queue", async () => {
  const { app, model, service } = testService({ seconds: 0.05 });
  const gate = held();
  model.before = () => gate.promise;
  const first = ask(app, "/v1/predict", post({ image: greyRows(0) }));
  await until(() => model.batches.length === 1);
  const second = ask(app, "/v1/predict", post({ image: greyRows(0) }));
  assert.deepEqual([(await first).status, (await second).status], [504, 504]);
  assert.equal(service.batcher.waiting, 0);
  gate.release();
  await until(() => service.requests === 0);
  assert.deepEqual(model.batches, [1]);
});

test("what cannot be stopped counts until it ends", async () => {
  const gate = held();
  const { app, service } = testService(
    { seconds: 0.05 },
    {
      pictures: {
        ...greyPictures,
        prepare: async (...picture) => {
          await gate.promise;
          return greyPictures.prepare(...picture);
        },
      },
    },
  );
  const { status } = await ask(app, "/v1/predict", post(greyFile(0), { "Content-Type": "image/png" }));
  assert.deepEqual([status, service.requests], [504, 1]);
  gate.release();
  await until(() => service.requests === 0);
});

test("a body that does not come is 408", async () => {
  const { app, service } = testService({ seconds: 0.05 });
  let isCancelled = false;
  const body = new ReadableStream({
    cancel() {
      isCancelled = true;
    },
  });
  const init = { method: "POST", body, headers: { "Content-Type": "image/png" }, duplex: "half" };
  const { status, headers } = await ask(app, "/v1/predict", init as RequestInit);
  assert.equal(status, 408);
  assert.equal(headers.get("connection"), "close");
  await until(() => service.requests === 0);
  assert.ok(isCancelled);
});

test("a caller that leaves takes its images back", async () => {
  const { app, model, service } = testService();
  const gate = held();
  model.before = () => gate.promise;
  const first = ask(app, "/v1/predict", post({ image: greyRows(0) }));
  await until(() => model.batches.length === 1);
  const leaving = new AbortController();
  const gone = app.request("http://localhost/v1/predict", {
    ...post({ images: [greyRows(0), greyRows(0)] }),
    signal: leaving.signal,
  });
  await until(() => service.batcher.waiting === 2);
  leaving.abort();
  assert.equal((await gone).status, 400);
  assert.deepEqual([service.batcher.waiting, service.requests], [0, 1]);
  gate.release();
  assert.equal((await first).status, 200);
});

test("a fault is 500, tells callers nothing of it, and tells the log", async () => {
  const { app, model, faults } = testService();
  model.before = () => Promise.reject(new Error("/secret/path"));
  const { status, body } = await ask(app, "/v1/predict", post({ image: greyRows(0) }));
  assert.equal(status, 500);
  assert.deepEqual(body, {
    error: {
      status: 500,
      code: "internal",
      message: "The service failed; this is not the request's fault. Its log says more.",
    },
  });
  assert.deepEqual(faults.map(String), ["Error: /secret/path"]);
});

test("while it closes everything is refused, on connections that end", async () => {
  const { app, service } = testService();
  await ask(app, "/healthz"); // reads the document, too
  service.isClosing = true;
  for (const [path, init] of [["/healthz"], ["/v1/predict", post({ image: greyRows(0) })]] as const) {
    const { status, headers } = await ask(app, path, init);
    assert.deepEqual([status, headers.get("connection")], [503, "close"]);
  }
});

test("counts requests, refusals and the sizes of batches for Prometheus", async () => {
  const { app, model } = testService({ batchImages: 2 });
  const gate = held();
  model.before = () => gate.promise;
  const asked = ask(app, "/v1/predict", post({ images: [1, 2, 3].map(greyRows) }));
  await until(() => model.batches.length === 1);
  const during = (await ask(app, "/metrics")).body as string;
  assert.match(during, /^nin_requests_in_flight 1$/m);
  assert.match(during, /^nin_images_waiting 1$/m);
  gate.release();
  await asked;
  await ask(app, "/v1/predict", post("{"));
  await ask(app, "/made-up-by-a-caller", { method: "PATCH" });
  const text = (await ask(app, "/metrics")).body as string;
  for (const line of [
    'nin_requests_total{route="/v1/predict",method="POST",status="200"} 1',
    'nin_requests_total{route="/v1/predict",method="POST",status="400"} 1',
    'nin_requests_total{route="other",method="other",status="404"} 1',
    'nin_request_seconds_count{route="/v1/predict"} 2',
    "nin_batch_images_count 2",
    "nin_batch_images_sum 3",
    'nin_batch_images_bucket{le="1"} 1',
    "nin_batch_seconds_count 2",
    "nin_requests_in_flight 0",
    "nin_images_waiting 0",
  ]) {
    assert.ok(text.split("\n").includes(line), `${line} is not in\n${text}`);
  }
  assert.doesNotMatch(text, /made-up/);
});
