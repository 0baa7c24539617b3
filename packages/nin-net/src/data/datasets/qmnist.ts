import { type DataFile, defineDataset } from "../definition.ts";
import { idxFormat } from "../formats/idx.ts";
import { extendedLabelBytes, idxImageBytes, mnistImage } from "../formats/mnist-files.ts";
import { digitNames } from "./digit-names.ts";

/**
 * QMNIST: MNIST made again from NIST's scans, with all 60,000 test images; the first 10,000 of them are MNIST's.
 *
 * Sizes and digests, of the files as they are downloaded, are those of TensorFlow Datasets
 * (url_checksums/qmnist.txt); of the unpacked files none are published. Mean and deviation are MNIST's, whose training
 * images it has to within three levels of grey, but for 147 shifted by a pixel.
 *
 * @see https://github.com/facebookresearch/qmnist - Yadav & Bottou 2019 (arXiv:1905.10498)
 */
export const qmnist = defineDataset("qmnist", {
  kind: "files",
  title: "QMNIST",
  image: { ...mnistImage, classes: 10 },
  classes: digitNames,
  files: {
    train: [
      file("train-images-idx3-ubyte", idxImageBytes(60_000), [
        9_704_059,
        "9e26a7bf1683614e065d7b76460ccd52807165b3f22561fb782bd9f38c52b51d",
      ]),
      file("train-labels-idx2-int", extendedLabelBytes(60_000, 8), [
        463_024,
        "2c05dc77f6b916b38e455e97ab129a42a444f3dbef09b278a366f82904e0dd9f",
      ]),
    ],
    test: [
      file("test-images-idx3-ubyte", idxImageBytes(60_000), [
        9_742_279,
        "43fc22bf7498b8fc98de98369d72f752d0deabc280a43a7bcc364ab19e57b375",
      ]),
      file("test-labels-idx2-int", extendedLabelBytes(60_000, 8), [
        526_800,
        "9fbcbe594c3766fdf4f0b15c5165dc0d1e57ac604e01422608bb72c906030d06",
      ]),
    ],
  },
  format: idxFormat({ extendedLabels: true }),
  folders: ["QMNIST/raw"],
  mirrors: ["https://raw.githubusercontent.com/facebookresearch/qmnist/master/"],
  mean: [0.1307],
  std: [0.3081],
  preparation: "digit",
});

function file(
  name: string,
  bytes: number,
  [packedBytes, hex]: readonly [packedBytes: number, sha256: string],
): DataFile {
  return { name: `qmnist-${name}`, packedBytes, bytes, digest: { algorithm: "sha256", of: "gzip", hex } };
}
