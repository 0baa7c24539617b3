import { html, raw } from "hono/html";
import { type CurveColours, curvesSvg } from "../curves.ts";
import { three } from "../figures.ts";
import { epochsOf, type ReportData } from "../report-data.ts";
import { explained, type Section } from "../section.ts";

/** The page's style says what these are, in the light and in the dark. */
const colours: CurveColours = {
  background: "none",
  ink: "var(--ink)",
  grid: "var(--line)",
  curves: ["var(--curve-1)", "var(--curve-2)", "var(--curve-3)"],
};

/** Loss and accuracy over epochs, as a picture and as a table. */
export async function curvesSection(data: ReportData): Promise<Section> {
  const epochs = epochsOf(data);
  const section = { id: "curves", title: "Curves" };
  if (epochs.length === 0) return { ...section, body: html`<p>No epoch was finished.</p>` };
  const svg = await curvesSvg(epochs, { title: "", colours, stepLosses: data.stepLosses });
  const [first, last] = [epochs[0]!, epochs.at(-1)!];
  const label =
    `Line chart over ${epochs.length} epochs. Train loss from ${three(first.trainLossNats)} to ` +
    `${three(last.trainLossNats)} nats, train accuracy from ${three(first.trainAccuracy)} to ` +
    `${three(last.trainAccuracy)}, test accuracy from ${three(first.testAccuracy)} to ${three(last.testAccuracy)}. ` +
    "The table below has every figure.";
  const table = html`<table>
<thead><tr><th scope="col">epoch</th><th scope="col">train loss (nats)</th><th scope="col">train accuracy</th><th scope="col">test loss (nats)</th><th scope="col">test accuracy</th></tr></thead>
<tbody>
${epochs.map(
  (
    epoch,
  ) => html`<tr><th scope="row">${epoch.epoch}</th><td>${three(epoch.trainLossNats)}</td><td>${three(epoch.trainAccuracy)}</td><td>${three(epoch.testLossNats)}</td><td>${three(epoch.testAccuracy)}</td></tr>
`,
)}</tbody></table>`;
  return {
    ...section,
    body: html`<div class="curves" role="img" aria-label="${label}">${raw(svg)}</div>
${explained("Loss and accuracy by epoch", "Training figures are running means over the epoch, with dropout on; the thin line is the loss of the steps, averaged over fiftieths of an epoch; test figures are taken after it.", table)}`,
  };
}
