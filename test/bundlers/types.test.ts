/** The declarations of the packed library in every TypeScript from 5.4 on, checked like the program itself. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { root } from "../project/sources.js";
import { Apps, run, tool, wantsAll } from "./apps.js";

const program = `
  import { Conv2d, type Device, defineOptimizer, getMnistData, NinNet, openDevice, readWeights, Sequential, trainCh, writeOnnx } from "nin-net";

  export async function main(bytes: Uint8Array): Promise<number> {
    const net: NinNet = new NinNet();
    const [trainIter, testIter] = await getMnistData(128, { resize: 224 });
    const device: Device = await openDevice("auto", { threads: 2 });
    const { seconds } = await trainCh(net, trainIter, testIter, { epochs: 10, lr: 0.1, device });
    net.loadStateDict(readWeights(bytes));
    const { length } = writeOnnx(net, { imageShape: [1, 224, 224] });
    // @ts-expect-error a word is no number of channels
    new Sequential(new Conv2d("1", 8, 3));
    return seconds + length + Object.keys(defineOptimizer).length;
  }
`;

interface Compiler {
  readonly version: string;
  readonly script: string;
  readonly isFirst: boolean;
}

const compilers: readonly Compiler[] = [
  ...["5.4", "5.5", "5.6", "5.7", "5.8", "5.9", "6.0"].map((version) => ({
    version,
    script: tool(`typescript-${version}/bin/tsc`),
    isFirst: version === "5.4",
  })),
  { version: "7", script: join(root, "node_modules", "typescript", "bin", "tsc"), isFirst: true },
];

/** How modules may be found. */
interface Resolution {
  readonly module: string;
  readonly moduleResolution: string;
  /** The last version that has it. */
  readonly until?: string;
}

const resolutions: readonly Resolution[] = [
  { module: "es2022", moduleResolution: "node10", until: "5.9" },
  { module: "es2022", moduleResolution: "bundler" },
  { module: "node16", moduleResolution: "node16" },
];

let apps: Apps;

before(() => {
  apps = new Apps();
  writeFileSync(join(apps.library.app, "program.ts"), program);
});

after(() => apps?.[Symbol.dispose]());

for (const { version, script } of compilers.filter(({ isFirst }) => isFirst || wantsAll)) {
  for (const { module, moduleResolution, until } of resolutions) {
    if (until !== undefined && version > until) continue;
    test(`TypeScript ${version}, moduleResolution ${moduleResolution}`, () => {
      const compilerOptions = {
        ...{ module, moduleResolution, target: "es2022", types: [], esModuleInterop: true },
        ...{ strict: true, skipLibCheck: false, noEmit: true },
      };
      const config = JSON.stringify({ compilerOptions, files: ["program.ts"] });
      run(
        apps.create(`types-${version}-${moduleResolution}`, { "tsconfig.json": config }),
        process.execPath,
        script,
      );
    });
  }
}
