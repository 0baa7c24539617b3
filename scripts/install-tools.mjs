import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/**
 * Installs what the lock file of a folder pins, into that folder, unless it is there: tools that are no part of the
 * workspace. Nothing of them runs at the install.
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
  npm(["ci", ...options], folder);
  writeFileSync(record, `${all ? "all" : "first"}\n${lock}`);
}

function npm(args, cwd) {
  const cli = process.env.npm_execpath;
  if (cli) return execFileSync(process.execPath, [cli, ...args], { cwd, stdio: "inherit" });
  return execFileSync("npm", args, { cwd, stdio: "inherit", shell: process.platform === "win32" });
}
