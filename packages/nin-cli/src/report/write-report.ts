import { basename, resolve } from "node:path";
import type { Dataset } from "nin-net";
import type { RunFolder } from "../runs/run-folder.ts";
import { reportHtml } from "./report.ts";
import type { TestResults } from "./test-results.ts";

/** The report's name in a run's folder. */
export const reportName = "report.html";

/**
 * Writes `report.html` from what the run's folder holds and what its network does on the test images.
 *
 * @param results - undefined before the first epoch's end
 * @throws DataError if the folder cannot be read or written to
 */
export async function writeReport(
  run: RunFolder,
  { title }: Pick<Dataset, "title">,
  results: TestResults | undefined,
): Promise<void> {
  const { path, config } = run;
  const history = await run.eventHistory();
  const [events, stepLosses] = [history.events(), history.stepLosses()];
  await run.writeFile(
    reportName,
    await reportHtml({ run: basename(resolve(path)), config, dataset: title, events, stepLosses, results }),
  );
}
