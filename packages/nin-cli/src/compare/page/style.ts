/** What a comparison needs besides the style of all pages. */
export const comparisonStyle = `
:root { --curve-4: #a3387a; --curve-5: #7a6000; --curve-6: #5c5c66; }
@media screen and (prefers-color-scheme: dark) {
  :root { --curve-4: #e591c3; --curve-5: #dcc04a; --curve-6: #b4b4c0; }
}
.notice { max-width: 48rem; margin: .5rem 0; }
.notice ul { margin: .25rem 0 0; padding-left: 1.25rem; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 30rem), 1fr)); gap: 1rem 2rem; }
.charts h3 { margin-bottom: .5rem; }
tbody th.long { min-width: 9rem; }
tbody th small { display: block; color: var(--faint); font-weight: 400; }
main td { white-space: nowrap; }
main td.text { white-space: normal; text-align: left; min-width: 16rem; }
td.verdict { text-align: left; font-weight: 600; white-space: nowrap; }
.disagreements { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 17rem), 1fr)); gap: .75rem; margin: .5rem 0 1rem; }
.disagreement { display: flex; gap: .8rem; margin: 0; padding: .6rem .7rem; border: 1px solid var(--line); border-radius: .5rem; break-inside: avoid; }
.disagreement img { flex: none; align-self: flex-start; }
.disagreement figcaption { min-width: 0; font-size: .875rem; line-height: 1.4; overflow-wrap: anywhere; }
.disagreement p { margin: 0 0 .15rem; }
.disagreement .about { margin-bottom: .25rem; }
.hit { color: var(--right-text); }
.miss { color: var(--wrong-text); }
:root { --right-text: #00609f; --wrong-text: #a04400; }
@media screen and (prefers-color-scheme: dark) {
  :root { --right-text: #79bdf2; --wrong-text: #f0915a; }
}
`;
