// Writes the API pages of the library to build/api/ by TypeDoc, which it installs first into docs/api/node_modules, and
// checks them: an undocumented symbol, a type without a page and a link that leads nowhere are errors. Needs no build.
//
//   node scripts/api-pages.mjs
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { installTools } from "./install-tools.mjs";
import { brokenLinks } from "./page-links.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const folder = join(root, "docs", "api");
const pages = join(root, "build", "api");

if (!existsSync(join(root, "node_modules", "zod"))) {
  console.error("The types of the library's dependencies are not there: run npm ci first.");
  process.exit(1);
}
installTools(folder);
const typedoc = join(folder, "node_modules", "typedoc", "bin", "typedoc");
const { status } = spawnSync(process.execPath, [typedoc], { cwd: folder, stdio: "inherit" });
const broken = status === 0 ? brokenLinks(pages) : [];
for (const { page, link, reason } of broken)
  console.error(`${page}: the link ${link} leads nowhere, ${reason}`);
process.exitCode = broken.length > 0 ? 1 : (status ?? 1);
if (process.exitCode === 0) console.log(`Open ${join(pages, "index.html")}`);
