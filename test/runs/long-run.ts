/**
 * Reads a run with a large `events.jsonl` and rewinds it, as `nin report` and `nin train --resume` do:
 *
 *     node --max-old-space-size=32 build/test/runs/long-run.js <folder>
 *
 * Prints the kinds of the events in the run's history, before and after.
 */
import { RunFolder } from "#nin-cli/runs/run-folder.js";

const [folder] = process.argv.slice(2);
const kindsOf = async (run: RunFolder) => (await run.history()).map(({ kind }) => kind);
const before = await kindsOf(await RunFolder.open(folder!));
using run = await RunFolder.reopen(folder!);
await run.rewind(await run.readCheckpoint(), 7);
console.log(JSON.stringify({ before, after: await kindsOf(run) }));
