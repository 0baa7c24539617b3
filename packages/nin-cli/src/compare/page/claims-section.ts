import { html } from "hono/html";
import { explained, type Section } from "../../report/section.ts";
import type { Comparison } from "../comparison.ts";

/** What the series says of its networks, with the answer of these runs. */
export function claimsSection({ claims }: Comparison): Section {
  const table = html`<table>
<thead><tr><th scope="col">the series says</th><th scope="col" class="words">here</th><th scope="col" class="words">measured</th></tr></thead>
<tbody>
${claims.map(
  ({ claim, holds, measured }) =>
    html`<tr><th scope="row" class="long">${claim}</th><td class="verdict">${holds === null ? "not told" : holds ? "yes" : "no"}</td><td class="text">${measured}</td></tr>
`,
)}</tbody></table>`;
  return {
    id: "claims",
    title: "What the series says",
    body: explained(
      "Claims of the series",
      "The tutorial is one of a series that sets Network in Network against LeNet, AlexNet and VGG in words. The answers come from the runs above.",
      table,
    ),
  };
}
