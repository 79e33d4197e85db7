"""The style sheet of the page: light, dark and on paper; colours are never the only sign of anything."""

STYLE = """
:root {
  --paper: #ffffff; --raised: #f5f5f3; --rule: #c8c8c4; --ink: #1c1c1c; --faint: #636363; --alarm: #c00000;
  --series-0: #1b5e9e; --series-1: #b5471b; --series-2: #1f7a4d; --series-3: #7b3f8c; --series-4: #8a6d00; --series-5: #4a5560;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --paper: #15171a; --raised: #1e2125; --rule: #44494f; --ink: #e6e6e3; --faint: #a2a7ad; --alarm: #ff7b72;
    --series-0: #79b8f3; --series-1: #f0956b; --series-2: #6cc998; --series-3: #cf9be0; --series-4: #d9bb55; --series-5: #b4bec8;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; padding: 2rem 1.25rem 4rem; max-width: 76rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.5 system-ui, "Segoe UI", "Helvetica Neue", "Noto Sans", Arial, sans-serif;
}
h1 { font-size: 1.7rem; line-height: 1.2; margin: 0 0 .25rem; }
h2 { font-size: 1.2rem; margin: 2.5rem 0 .6rem; }
.version { color: var(--faint); margin: 0 0 1.25rem; }
.verdict { font-size: 1.15rem; font-weight: 600; margin: 0; padding: .7rem 1rem; background: var(--raised); border-left: .35rem solid var(--ink); }
.violated { border: .2rem double var(--alarm); color: var(--alarm); }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1.2rem; margin: 0; }
dt { color: var(--faint); }
dd { margin: 0; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .875rem; }
caption { text-align: left; color: var(--faint); padding: 0 0 .5rem; }
th, td { padding: .4rem .6rem; text-align: left; vertical-align: top; border-bottom: 1px solid var(--rule); }
thead th { border-bottom: 2px solid var(--ink); vertical-align: bottom; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.what { min-width: 17rem; }
.statuses { min-width: 9.5rem; }
td.network { min-width: 11rem; }
td.network, li .network { font-family: ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; font-size: .92em; overflow-wrap: anywhere; }
sub, sup { line-height: 0; }
.notes { color: var(--faint); font-size: .875rem; padding-left: 1.1rem; }
figure { margin: 1.25rem 0 2.25rem; }
figure svg { display: block; width: 100%; height: auto; }
figure.wide svg { max-width: 68rem; }
figure.one svg { max-width: 46rem; }
figcaption { font-size: .875rem; color: var(--faint); max-width: 46rem; margin-top: .5rem; }
.violations li { margin: .35rem 0; overflow-wrap: anywhere; }
@media (max-width: 40rem) { dl { grid-template-columns: 1fr; gap: 0; } dd { margin-bottom: .5rem; } }
@page { margin: 15mm 13mm; }
@media print {
  body { max-width: none; padding: 0; font-size: 10pt; }
  h1 { font-size: 16pt; }
  h2 { font-size: 12pt; margin-top: 16pt; break-after: avoid; }
  .verdict { background: none; border: 1pt solid; border-left-width: 4pt; }
  .violated { border: 3pt double; }
  .scroll { overflow: visible; }
  table { font-size: 7.5pt; }
  th, td { padding: 2pt 4pt; }
  .what, .statuses { min-width: 0; }
  .what { width: 34%; }
  td.network { min-width: 26mm; }
  thead { display: table-header-group; }
  tr, figure, .violations li { break-inside: avoid; }
  .notes, figcaption { font-size: 8pt; color: var(--ink); }
  figure { margin: 8pt 0 14pt; }
  figure.one svg { max-width: 150mm; }
}
"""
