import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";

/**
 * Links of HTML pages to each other and to files beside them that lead nowhere; other sites are not asked.
 *
 * @param folder - of the pages, with all that they link to
 * @returns which page, from the folder, which link, and what is missing
 */
export function brokenLinks(folder) {
  const pages = readdirSync(folder, { recursive: true })
    .map((name) => name.replaceAll("\\", "/"))
    .filter((name) => name.endsWith(".html"));
  const texts = new Map(pages.map((page) => [page, readFileSync(join(folder, page), "utf8")]));
  const anchors = new Map([...texts].map(([page, text]) => [page, anchorsOf(text)]));
  return [...texts].flatMap(([page, text]) =>
    [...linksOf(text)].flatMap((link) => {
      const reason = whyBroken(folder, page, link, anchors);
      return reason === undefined ? [] : [{ page, link, reason }];
    }),
  );
}

function whyBroken(folder, page, link, anchors) {
  const [path, anchor = ""] = link.split("#").map(decodeURIComponent);
  const target = path === "" ? page : join(dirname(page), path.replace(/\?.*$/, "")).replaceAll("\\", "/");
  if (target.startsWith("..")) return "it leaves the pages";
  if (!isPage(join(folder, target))) return `there is no ${target}`;
  if (anchor === "" || !anchors.has(target) || anchors.get(target).has(anchor)) return undefined;
  return `${target} has no anchor ${anchor}`;
}

/** Servers answer a folder with its index.html. */
function isPage(path) {
  return existsSync(path) && (statSync(path).isFile() || existsSync(join(path, "index.html")));
}

/** Without those to other sites. */
function linksOf(text) {
  const values = text.matchAll(/<[^>]*\s(?:href|src)="([^"]*)"/g);
  return new Set(
    [...values].map(([, value]) => unescaped(value)).filter((link) => !/^(?:\w+:|\/\/)/.test(link)),
  );
}

function anchorsOf(text) {
  return new Set([...text.matchAll(/\s(?:id|name)="([^"]*)"/g)].map(([, value]) => unescaped(value)));
}

const unescaped = (value) =>
  value
    .replaceAll("&quot;", '"')
    .replaceAll("&#39;", "'")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&amp;", "&");
