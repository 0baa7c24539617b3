import assert from "node:assert/strict";
import { test } from "node:test";
import { NinNet } from "#nin-net/models/nin.js";
import { type BenchRow, loadBench } from "./load-bench.js";

const { tableOf, withReport } = await loadBench("report");
const { onnxModel } = await loadBench("onnx-model");

const row = (name: string, median: number, more: Partial<BenchRow> = {}): BenchRow => ({
  ...{ table: "training", name, device: "d", unit: "imagesPerSecond", median, lowest: median - 1 },
  ...{ highest: median + 1, measurements: 5, peakBytes: 1.25e9, ...more },
});

test("a table compares everyone with each peer", () => {
  const rows = [
    row("nin-net on Node 26", 75),
    row("PyTorch, as it is", 25),
    row("PyTorch, channels_last", 30),
  ];
  assert.deepEqual(tableOf("training", [...rows, row("x", 1, { table: "forward" })], { batch: 128 }), [
    "### Training step, batch 128",
    "",
    "|  | images/s | lowest to highest | times PyTorch, as it is | times PyTorch, channels_last | peak memory |",
    "| --- | ---: | ---: | ---: | ---: | ---: |",
    "| nin-net on Node 26 | 75.0 | 74.0 to 76.0 | 3.00 | 2.50 | 1.25 GB |",
    "| PyTorch, as it is | 25.0 | 24.0 to 26.0 | 1.00 | 0.83 | 1.25 GB |",
    "| PyTorch, channels_last | 30.0 | 29.0 to 31.0 | 1.20 | 1.00 | 1.25 GB |",
    "",
  ]);
});

test("each of the series' networks has a table for training and one for the forward pass, beside its peers", () => {
  for (const [table, title] of [
    ["lenet train", "LeNet: training step, 28 x 28, batch 256"],
    ["alexnet forward", "AlexNet: forward pass, 224 x 224, batch 128"],
    ["vgg train", "VGG-11, channels divided by 4: training step, 224 x 224, batch 128"],
    ["nin forward", "Network in Network: forward pass, 224 x 224, batch 128"],
  ] as const) {
    const rows = [row("nin-net", 60, { table }), row("PyTorch, default layout", 20, { table })];
    const [heading, , head, , first] = tableOf(table, rows, {});
    assert.equal(heading, `### ${title}`);
    assert.match(head!, /times PyTorch, default layout/);
    assert.match(first!, / 3\.00 /);
  }
});

test("one image shows its time; a single measurement says so; an empty table is left out", () => {
  const device = "cpu (WebAssembly, relaxed SIMD, 256 bits, 6x16 tiles, 2 threads)";
  const rows = [row("nin-net", 125, { table: "latency", measurements: 1, device })];
  assert.equal(tableOf("latency", rows, {})[4], "| nin-net (256 bits) | 125 | once | 8.0 | 1.25 GB |");
  assert.deepEqual(tableOf("training", rows, {}), []);
});

test("only what lies between the markers is replaced", () => {
  const page = "before\n\n<!-- bench -->\nold\n<!-- /bench -->\n\nafter\n";
  assert.equal(
    withReport(page, "bench", "new"),
    "before\n\n<!-- bench -->\n\nnew\n<!-- /bench -->\n\nafter\n",
  );
  const other = `${page}<!-- gpu -->\nold\n<!-- /gpu -->\n`;
  assert.equal(withReport(other, "gpu", "new"), `${page}<!-- gpu -->\n\nnew\n<!-- /gpu -->\n`);
  assert.throws(
    () => withReport("before", "bench", "new"),
    /expected <!-- bench --> and, after it, <!-- \/bench -->/,
  );
});

test("the ONNX file has the network's parameters", () => {
  const bytes = 4 * new NinNet().namedParameters().reduce((sum, [, { data }]) => sum + data.length, 0);
  const overhead = onnxModel().length - bytes;
  assert.ok(overhead > 0 && overhead < 5000, `${overhead} bytes besides`);
});
