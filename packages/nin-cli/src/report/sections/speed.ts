import { html } from "hono/html";
import { duration, rate } from "../figures.ts";
import { epochsOf, type ReportData, startOf } from "../report-data.ts";
import { definitions, explained, type Section } from "../section.ts";

/** How fast it went, and on what. */
export function speedSection(data: ReportData): Section {
  const epochs = epochsOf(data);
  const start = startOf(data);
  const { machine } = data.config;
  const rows: [string, string][] = [];
  if (start) rows.push(["device", start.device], ["threads", String(start.threads)]);
  if (machine) rows.push(["machine", machine]);
  const table = html`<table>
<thead><tr><th scope="col">epoch</th><th scope="col">images a second</th><th scope="col">duration</th></tr></thead>
<tbody>
${epochs.map(
  (
    epoch,
  ) => html`<tr><th scope="row">${epoch.epoch}</th><td>${rate(epoch.imagesPerSecond)}</td><td>${duration(epoch.seconds)}</td></tr>
`,
)}</tbody></table>`;
  return {
    id: "speed",
    title: "Speed",
    body: html`${definitions(rows)}
${epochs.length === 0 ? "" : explained("Speed by epoch", "Images a second count training steps alone, the duration everything.", table)}`,
  };
}
