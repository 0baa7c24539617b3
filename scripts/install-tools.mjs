import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/**
 * Installs what the lock file of a folder pins, into that folder, unless it is there: tools that are no part of the
 * workspace. Nothing of them runs at the install. Where it fails, the process ends with status 1.
 *
 * @param folder - with a package.json and a package-lock.json
 * @param all - false leaves development dependencies out, if they are not there already
 */
export function installTools(folder, all = true) {
  const record = join(folder, "node_modules", ".installed");
  const installed = existsSync(record) ? readFileSync(record, "utf8") : "";
  const lock = readFileSync(join(folder, "package-lock.json"), "utf8");
  if (installed === `all\n${lock}` || (!all && installed === `first\n${lock}`)) return;
  const options = ["--ignore-scripts", "--no-audit", "--no-fund", ...(all ? [] : ["--omit=dev"])];
  if (npm(["ci", ...options], folder) !== 0) {
    console.error(
      `npm ci in ${folder} failed, as npm says above: it needs npm's registry, or a cache that has it all.`,
    );
    process.exit(1);
  }
  writeFileSync(record, `${all ? "all" : "first"}\n${lock}`);
}

function npm(args, cwd) {
  const cli = process.env.npm_execpath;
  const { status, error } = cli
    ? spawnSync(process.execPath, [cli, ...args], { cwd, stdio: "inherit" })
    : spawnSync("npm", args, { cwd, stdio: "inherit", shell: process.platform === "win32" });
  if (error) console.error(error.message);
  return status;
}
