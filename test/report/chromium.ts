import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";

const executablePath = "/usr/bin/chromium";

/** Why there is no browser to test in, or false. */
export const noChromium = existsSync(executablePath)
  ? false
  : `${executablePath} is missing: install Debian's chromium to test pages in a browser`;

/**
 * A browser that talks to nobody.
 *
 * @param flags - more of Chromium's command line
 */
export function launchChromium(flags: readonly string[] = []): Promise<Browser> {
  return chromium.launch({
    executablePath,
    args: [
      "--headless",
      "--no-sandbox",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      ...flags,
    ],
  });
}
