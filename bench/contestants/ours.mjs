// nin-net: --task train|forward --images FILE --batch N --threads N --simd auto|128|256
import { openDevice } from "../../dist/backends/devices.js";
import { NinNet } from "../../dist/nn/nin.js";
import { Session } from "../../dist/train/session.js";
import { readImages, readOptions, serve, timed } from "./protocol.mjs";

const { task, images: file, batch, threads, simd } = readOptions();
const device = await openDevice("cpu", { threads, simd });
const session = await Session.open(new NinNet({ seed: 0 }), device);
const { pixels, labels } = readImages(file, batch);
const images = { pixels, height: 28, width: 28, resize: 224 };
let step = 0;
const train = () => session.step(images, labels, { lr: 0.1, momentum: 0, seed: 0, epoch: 0, step: step++ });
const forward = () => session.evaluate(images, labels);

await serve(device.description, () => timed(batch, task === "train" ? train : forward));
