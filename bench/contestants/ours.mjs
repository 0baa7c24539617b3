// nin-net: --task train|forward --images FILE --batch N [--net NAME] [--resize 224] [--lr 0.1] [--seconds S]
// on the CPU with --threads N --simd auto|128|256, on the GPU with --device gpu --precision f32|f16
import { openDevice } from "../../packages/nin-net/dist/backends/devices.js";
import { createModel } from "../../packages/nin-net/dist/models/models.js";
import { sgd } from "../../packages/nin-net/dist/optim/sgd.js";
import { Session } from "../../packages/nin-net/dist/train/session.js";
import { readImages, readOptions, serve, timed } from "./protocol.mjs";

const options = readOptions();
const {
  task,
  images: file,
  batch,
  threads,
  simd,
  seconds,
  resize = 224,
  net = "nin",
  lr = 0.1,
  precision = "f32",
} = options;
const device = await openDevice(options.device ?? "cpu", { threads, simd, precision });
if (precision === "f16" && !device.capabilities?.mixedPrecision)
  throw new Error(`${device.description} keeps no 16-bit floats.`);
const how = net === "nin-small" ? { momentum: 0.9, nesterov: true, weightDecay: 5e-4 } : {};
const model = createModel(net, { channels: 1, classes: 10, size: [resize, resize] }, { seed: 0 });
const session = await Session.open(model, device, { optimizer: sgd(how) });
const { pixels, labels } = readImages(file, batch);
const images = {
  pixels,
  channels: 1,
  height: 28,
  width: 28,
  preprocessing: { resize: resize === 28 ? null : [resize, resize], mean: null, std: null },
};
let step = 0;
const train = () => session.step(images, labels, { lr, seed: 0, epoch: 0, step, stepsBefore: step++ });
const forward = () => session.evaluate(images, labels);
// As nin train does it: a GPU gets its next steps before the loss of the last one has come back.
const pace = { seconds, ahead: device.runsAhead ?? 0 };

await serve(device.description, () => timed(batch, task === "train" ? train : forward, pace));
