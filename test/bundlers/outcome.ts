import { setTimeout as sleep } from "node:timers/promises";
import type { Browser } from "playwright-core";

/** Long enough for any machine; a page that trains ends within seconds. */
const patienceMs = 120_000;

/** What app/train.js comes to. */
export interface Trained {
  readonly device: string;
  readonly trainLossNats: number;
  readonly digest: string;
}

/** How the app's page ended. */
export interface Outcome {
  readonly trained?: Trained;
  readonly error?: { readonly name: string; readonly message: string };
  /** What the console and uncaught errors said meanwhile. */
  readonly said: readonly string[];
}

/** Opens the app's page and waits for its end. */
export async function outcomeOf(browser: Browser, address: string): Promise<Outcome> {
  const tab = await browser.newPage();
  tab.setDefaultTimeout(patienceMs);
  const said: string[] = [];
  tab.on("console", (message) => said.push(`${message.type()}: ${message.text()}`));
  tab.on("pageerror", (error) => said.push(`uncaught: ${error.message}`));
  try {
    await tab.goto(address);
    const deadline = Date.now() + patienceMs;
    // Not waitForFunction, which a content security policy may forbid.
    for (;;) {
      const ended = await tab.evaluate<Omit<Outcome, "said"> | undefined>("globalThis.outcome");
      if (ended !== undefined) return { ...ended, said };
      if (Date.now() > deadline) throw new Error(`${address} has not ended:\n${said.join("\n")}`);
      await sleep(50);
    }
  } finally {
    await tab.close();
  }
}
