/**
 * Preloaded into a process, destroys its GPU as soon as a batch has been sent to it: the one of this number, from 1,
 * in the environment variable LOSE_GPU_AT_RUN.
 */
import { globals } from "webgpu";

const { GPUCommandEncoder, GPUDevice, GPUQueue } = globals as {
  GPUCommandEncoder: { prototype: GPUCommandEncoder };
  GPUDevice: { prototype: GPUDevice };
  GPUQueue: { prototype: GPUQueue };
};

const lostAt = Number(process.env.LOSE_GPU_AT_RUN);
let runs = 0;
let device: GPUDevice | undefined;
let computes = false;

const { createCommandEncoder } = GPUDevice.prototype;
GPUDevice.prototype.createCommandEncoder = function (...args) {
  device = this;
  computes = false;
  return createCommandEncoder.apply(this, args);
};

// Commands that only copy read weights back: they are no run.
const { beginComputePass } = GPUCommandEncoder.prototype;
GPUCommandEncoder.prototype.beginComputePass = function (...args) {
  computes = true;
  return beginComputePass.apply(this, args);
};

const { submit } = GPUQueue.prototype;
GPUQueue.prototype.submit = function (...args) {
  submit.apply(this, args);
  if (computes && ++runs === lostAt) device!.destroy();
};
