import assert from "node:assert/strict";
import { test } from "node:test";
import { html, trusted } from "#nin-cli/report/html.js";

test("text is escaped, in elements and in attributes", () => {
  const hostile = `<script>"&'</script>`;
  assert.equal(
    html`<p title="${hostile}">${hostile}</p>`.text,
    '<p title="&lt;script&gt;&quot;&amp;&#39;&lt;/script&gt;">&lt;script&gt;&quot;&amp;&#39;&lt;/script&gt;</p>',
  );
});

test("markup within markup stays as it is, lists are joined, nothing is nothing", () => {
  const items = ["a<b", 2].map((item) => html`<li>${item}</li>`);
  assert.equal(html`<ul>${items}${null}${undefined}</ul>`.text, "<ul><li>a&lt;b</li><li>2</li></ul>");
  assert.equal(html`${["<", ["&"]]}${0}`.text, "&lt;&amp;0");
  assert.equal(html`${trusted("<b>x</b>")}`.text, "<b>x</b>");
});

test("what only looks like markup is text", () => {
  const forged = { text: "<script>" } as unknown as string;
  assert.throws(() => html`${forged}`, TypeError);
});
