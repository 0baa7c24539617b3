// Makes X_pb.ts of X.proto, beside it; to be run after a .proto file was changed.
//
//   node scripts/generate-protobuf.mjs
//
// Needs protoc (Debian: protobuf-compiler); the plug-in that writes TypeScript comes from npm.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const lockfile = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8"));
const { version } = lockfile.packages["node_modules/@bufbuild/protobuf"];
const files = [
  "packages/nin-net/src/interop/onnx/onnx.proto",
  "packages/nin-cli/src/report/tensorboard/event.proto",
];

const scratch = mkdtempSync(join(tmpdir(), "nin-protobuf-"));
const run = (program, args, cwd) => execFileSync(program, args, { cwd, stdio: "inherit" });
try {
  run("npm", ["install", "--no-audit", "--no-fund", `@bufbuild/protoc-gen-es@${version}`], scratch);
  const plugin = join(scratch, "node_modules", ".bin", "protoc-gen-es");
  for (const file of files) {
    const folder = dirname(file);
    const options = ["--es_opt=target=ts", `--es_out=${folder}`, `--proto_path=${folder}`];
    run("protoc", [`--plugin=protoc-gen-es=${plugin}`, ...options, file], root);
  }
  const made = files.map((file) => file.replace(/\.proto$/, "_pb.ts"));
  run(join("node_modules", ".bin", "biome"), ["check", "--write", ...made], root);
} finally {
  rmSync(scratch, { recursive: true });
}
