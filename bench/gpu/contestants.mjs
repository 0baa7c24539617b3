// Who takes part on the GPU: nin-net in each precision, and PyTorch.
import { script } from "../contestants.mjs";
import { noPython, pythonWithTorch } from "../python.mjs";

/** The peer that the targets speak of: PyTorch with its defaults, nothing to be sent or read in a step. */
export const peerName = "PyTorch";

/** How rows of each precision are called. */
export const nameOf = (precision) => `nin-net, ${precision}`;

/**
 * @param settings - of the run, as readCommandLine() gives them
 * @param images - file of images
 * @returns entries for race(), batch after batch, and a sentence why PyTorch is not among them
 */
export function contestants(settings, images) {
  const { batches, precisions, resize, seconds, warmUps, pytorchDevice } = settings;
  const { python, missing } = findPython(settings);
  const list = batches.flatMap((batch) => {
    const common = [
      ...["--task", "train", "--images", images, "--batch", batch],
      ...["--resize", resize, "--seconds", seconds],
    ];
    const entry = (name, command) => ({
      ...{ table: tableOf(batch), name, label: `${tableOf(batch)}: ${name}`, warmUps },
      command: [...command, ...common].map(String),
    });
    const ours = (precision) =>
      entry(nameOf(precision), [
        ...[process.execPath, script("ours.mjs"), "--device", "gpu", "--precision", precision],
      ]);
    const pytorch = (name, precision, feed) =>
      entry(name, [
        ...[python, script("pytorch.py"), "--device", pytorchDevice, "--format", "plain"],
        ...["--precision", precision, "--feed", feed],
      ]);
    return [
      ...precisions.map(ours),
      ...(python
        ? [
            pytorch(peerName, "f32", "once"),
            pytorch(`${peerName}, images sent each step`, "f32", "each"),
            pytorch(`${peerName}, autocast to f16`, "f16", "once"),
          ]
        : []),
    ];
  });
  return { list, missing };
}

/** The name of a batch's table. */
export function tableOf(batch) {
  return `batch ${batch}`;
}

function findPython({ python: asked, pytorchDevice }) {
  const check = pytorchDevice === "cuda" ? "import torch; assert torch.cuda.is_available()" : "import torch";
  const python = pythonWithTorch(asked, check);
  if (python) return { python };
  const cause = pythonWithTorch(asked) ? "the PyTorch that was found sees no CUDA GPU" : noPython;
  return { missing: `PyTorch: ${cause}.` };
}
