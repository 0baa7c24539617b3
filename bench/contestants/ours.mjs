// nin-net: --task train|forward --batch N --threads N --simd auto|128|256
import { openDevice } from "../../dist/backends/devices.js";
import { NinNet } from "../../dist/nn/nin.js";
import { Session } from "../../dist/train/session.js";
import { readOptions, serve, someImages, timed } from "./protocol.mjs";

const { task, batch, threads, simd } = readOptions();
const device = await openDevice("cpu", { threads, simd: String(simd) });
const session = await Session.open(new NinNet({ seed: 250 }), device);
const { pixels, labels } = await someImages(batch);
const images = { pixels, height: 28, width: 28, resize: 224 };
let step = 0;
const work =
  task === "train"
    ? () => session.step(images, labels, { lr: 0.1, momentum: 0, seed: 0, epoch: 0, step: step++ })
    : () => session.evaluate(images, labels);

await serve(async () => ({
  ...(await timed(batch, work)),
  device: device.description,
  node: process.version,
}));
