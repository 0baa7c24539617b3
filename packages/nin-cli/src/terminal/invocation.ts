import { existsSync, readFileSync } from "node:fs";
import { isAbsolute, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const packageRoot = new URL("../../", import.meta.url); // of nin-cli

/** The package's version, from its package.json. */
export function packageVersion(): string {
  const text = readFileSync(new URL("package.json", packageRoot), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}

/**
 * How a person calls this program from here: `nin`; in a checkout `npx nin`, which runs it on the Node that the checkout
 * brings, as `npm start` does: the machine's own may be an older and much slower one.
 */
export function programCall(): string {
  const isCheckout = existsSync(new URL("src/", packageRoot));
  if (!isCheckout) return "nin";
  const root = fileURLToPath(new URL("../../", packageRoot));
  const here = relative(root, process.cwd());
  // Elsewhere npx would look for a package of that name.
  const isInside = !here.startsWith("..") && !isAbsolute(here);
  if (isInside && existsSync(join(root, "node_modules", ".bin", "nin"))) return "npx nin";
  return `node ${relative(process.cwd(), join(root, "bin", "nin.js"))}`;
}

/** What runs this program once more, as it runs now: Node, its flags, and the script. */
export function programCommand(): readonly [node: string, ...args: string[]] {
  return [process.execPath, ...process.execArgv, fileURLToPath(new URL("bin/nin.js", packageRoot))];
}
