/** How a report looks, on a screen in the light or in the dark, and on paper. */
export const pageStyle = `
:root {
  --paper: #ffffff; --ink: #1c1c20; --faint: #5c5c66; --line: #dcdce3; --groove: #f4f4f7;
  --accent: #00609f; --right: #0072b2; --wrong: #d55e00; --bar: #cfe3f1;
  --warn: #8a4b00; --warn-paper: #fff4e2;
  --curve-1: #0072b2; --curve-2: #d55e00; --curve-3: #007a5a;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --paper: #16171b; --ink: #e9e9ee; --faint: #a6a6b2; --line: #3a3b44; --groove: #212228;
    --accent: #79bdf2; --right: #3f95d8; --wrong: #e0793a; --bar: #234a68;
    --warn: #ffc880; --warn-paper: #33270f;
    --curve-1: #62b8f0; --curve-2: #f0915a; --curve-3: #48c9a0;
  }
}
* { box-sizing: border-box; }
html { color-scheme: light dark; }
body {
  margin: 0 auto; padding: 2rem 1.5rem 3rem; max-width: 72rem;
  background: var(--paper); color: var(--ink);
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
  font-variant-numeric: tabular-nums; overflow-wrap: break-word;
}
h1 { margin: 0; font-size: 1.9rem; line-height: 1.2; }
h2 { margin: 0 0 .75rem; padding-top: 2.25rem; font-size: 1.3rem; line-height: 1.3; }
h3 { margin: 1.25rem 0 .25rem; font-size: 1rem; }
p { margin: .5rem 0; max-width: 48rem; }
a { color: var(--accent); }
a:focus-visible, .scroll:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
code { font: .85em ui-monospace, "SF Mono", Menlo, Consolas, monospace; overflow-wrap: anywhere; }
code span { display: inline-block; }
footer { margin-top: 3rem; padding-top: .75rem; border-top: 1px solid var(--line); color: var(--faint); font-size: .875rem; }
.lead, .none { color: var(--faint); }
.label, .notice { padding: .5rem .75rem; border-left: 4px solid var(--warn); background: var(--warn-paper); }
.label { font-weight: 600; }

nav ul { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; margin: 1.25rem 0 0; padding: 0; list-style: none; font-size: .925rem; }

dl { margin: 0; }
dl > div { display: flex; gap: 1rem; padding: .2rem 0; }
dt { flex: 0 0 9rem; color: var(--faint); }
dd { flex: 1; margin: 0; min-width: 0; }
.figures { display: grid; grid-template-columns: repeat(6, 1fr); gap: .75rem; margin-top: 1.25rem; }
.figures > div { flex-direction: column-reverse; justify-content: flex-end; gap: 0; padding: .6rem .9rem; border: 1px solid var(--line); border-radius: .5rem; background: var(--groove); }
.figures dt { flex: none; font-size: .85rem; }
.figures dd { flex: none; font-size: 1.35rem; font-weight: 600; line-height: 1.25; white-space: nowrap; }

.scroll { overflow-x: auto; }
.tall { max-height: 40rem; overflow-y: auto; border-bottom: 1px solid var(--line); }
.tall thead th { position: sticky; top: 0; background: var(--paper); }
table { border-collapse: collapse; margin: 0 0 .5rem; }
.about { color: var(--faint); font-size: .9rem; break-after: avoid; }
th, td { padding: .3rem .8rem; border-bottom: 1px solid var(--line); text-align: right; }
thead th { border-bottom-color: var(--faint); font-size: .875rem; font-weight: 600; vertical-align: bottom; }
tbody th { font-weight: 500; white-space: nowrap; }
tbody th.long { min-width: 14rem; white-space: normal; overflow-wrap: anywhere; }
th:first-child { padding-left: 0; text-align: left; }
th.words, td.words { text-align: left; white-space: nowrap; max-width: 30rem; overflow: hidden; text-overflow: ellipsis; }
td.bar { background: linear-gradient(var(--bar), var(--bar)) 0 center / calc(var(--share) * (100% - .4rem)) 70% no-repeat; min-width: 6.5rem; }

.curves { margin-bottom: .5rem; }
.curves svg { display: block; max-width: 100%; height: auto; }

.confusion th, .confusion td { padding: .35rem .4rem; }
.confusion thead th:not(:first-child), .confusion td { width: 4.9rem; text-align: center; }
.confusion thead th { overflow-wrap: break-word; hyphens: manual; max-width: 7rem; }
.confusion td { border: 1px solid var(--line); }
.confusion .right { background: color-mix(in srgb, var(--right) calc(var(--share) * 55%), var(--paper)); font-weight: 600; }
.confusion .wrong { background: color-mix(in srgb, var(--wrong) calc(var(--share) * 55%), var(--paper)); }

img { display: block; image-rendering: pixelated; background: #000; }
img.heat { background: none; border: 1px solid var(--line); }
.mistakes { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 31rem), 1fr)); gap: 1.25rem; }
.mistake { margin: 0; padding: .8rem .9rem; border: 1px solid var(--line); border-radius: .5rem; break-inside: avoid; }
.mistake figcaption { margin-bottom: .5rem; }
.three { display: grid; grid-template-columns: repeat(3, minmax(0, 7rem)); gap: 1rem; }
.three img { max-width: 100%; height: auto; }
.three span { display: block; font-size: .85rem; line-height: 1.35; padding-top: .2rem; overflow-wrap: anywhere; }
.three b { white-space: nowrap; }
.maps { display: grid; grid-template-columns: repeat(10, minmax(0, 1fr)); gap: .25rem; margin: .75rem 0 0; padding: 0; list-style: none; }
.maps span { max-width: 100%; overflow-wrap: anywhere; display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 3; overflow: hidden; }
.maps li { display: flex; flex-direction: column; align-items: center; font-size: .68rem; line-height: 1.15; text-align: center; color: var(--faint); min-width: 0; }
.maps img { max-width: 100%; height: auto; margin-bottom: .2rem; outline: 2px solid transparent; outline-offset: 1px; }
.maps .predicted, .maps .true { color: var(--ink); font-weight: 600; }
.maps .predicted img { outline-color: var(--wrong); }
.maps .true img { outline-color: var(--right); }

.correct td { text-align: left; padding: .35rem 0 .35rem .8rem; white-space: nowrap; }
.sample { display: inline-block; width: 4.6rem; font-size: .75rem; color: var(--faint); }
.sample img { margin-bottom: .1rem; }

@media screen and (max-width: 72rem) {
  .figures { grid-template-columns: repeat(3, 1fr); }
}

@media screen and (max-width: 36rem) {
  body { padding: 1.25rem 1rem 2rem; }
  .figures { grid-template-columns: repeat(2, 1fr); }
  .figures dd { font-size: 1.2rem; }
  .three { gap: .6rem; }
  .maps { grid-template-columns: repeat(5, minmax(0, 1fr)); }
}

@media print {
  @page { size: A4; margin: 14mm; }
  html { font-size: 10.5pt; color-scheme: light; }
  body { max-width: none; padding: 0; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  nav { display: none; }
  a { color: inherit; text-decoration: none; }
  h2 { padding-top: 1.5rem; break-after: avoid; }
  .figures { grid-template-columns: repeat(3, 1fr); }
  tr, .confusion, .figures > div, .curves, .notice { break-inside: avoid; }
  .scroll, .tall { overflow: visible; max-height: none; }
  .confusion { width: 100%; font-size: .85em; table-layout: fixed; }
  .confusion th:first-child { width: 6rem; }
  .confusion th, .confusion td { padding: .3rem .2rem; }
  .confusion thead th:not(:first-child), .confusion td { width: auto; }
  .mistakes { grid-template-columns: 1fr 1fr; gap: .7rem; }
  .mistake { padding: .5rem .6rem; }
  .three { grid-template-columns: repeat(3, 5.6rem); gap: .6rem; }
  .three span { font-size: .75rem; }
  .maps { gap: .4rem; }
  .maps span { max-width: 100%; overflow-wrap: anywhere; display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 3; overflow: hidden; }
.maps li { font-size: .52rem; }
  .maps img { outline-width: 1.5px; }
  .sample { width: 4.2rem; }
}
`;
