import * as ort from "onnxruntime-web";

// Its package holds the same engine for several browsers; this build runs everywhere, on the CPU.
ort.env.wasm.numThreads = 1;
ort.env.logLevel = "error";

export interface OrtResult {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  readonly dims: readonly number[];
  readonly data: Float32Array;
}

/** Runs a model with one input and one output in ONNX Runtime. */
export async function runOrt(
  model: Uint8Array,
  data: Float32Array | Uint8Array,
  dims: readonly number[],
): Promise<OrtResult> {
  const session = await ort.InferenceSession.create(model, { executionProviders: ["wasm"] });
  try {
    const tensor =
      data instanceof Uint8Array
        ? new ort.Tensor("uint8", data, dims)
        : new ort.Tensor("float32", data, dims);
    const results = await session.run({ [session.inputNames[0]!]: tensor });
    const output = results[session.outputNames[0]!]!;
    const { inputNames, outputNames } = session;
    return { inputNames, outputNames, dims: output.dims, data: output.data as Float32Array };
  } finally {
    await session.release();
  }
}
