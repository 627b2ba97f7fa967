// SPDX-License-Identifier: Apache-2.0
#include "mien/report/style.h"

namespace mien::report {

// Series colours follow Okabe and Ito (2008), darkened or lightened until each has a contrast of 3 to its paper.
std::string_view style_sheet() {
  return R"css(:root {
  color-scheme: light dark;
  --paper: #ffffff; --ink: #1c2127; --soft: #5a646e; --line: #dce1e6; --wash: #f4f6f8; --accent: 0 96 160; --warn: 168 70 0;
  --s0: #0060a0; --s1: #c24e00; --s2: #00795a; --s3: #a6518c; --s4: #8f6f00; --s5: #2f8fc4; --s6: #59636d; --s7: #8a4a32;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #15191d; --ink: #e3e7eb; --soft: #a0aab4; --line: #323a42; --wash: #1d2227; --accent: 96 172 232; --warn: 240 148 84;
    --s0: #60ace8; --s1: #f09454; --s2: #36b892; --s3: #d78fc3; --s4: #d8b13c; --s5: #9ccdee; --s6: #a8b2bb; --s7: #c99a80;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body {
  margin: 0; background: var(--paper); color: var(--ink);
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", "Liberation Sans", Arial, sans-serif;
  font-variant-numeric: tabular-nums lining-nums;
}
main { max-width: 1080px; margin: 0 auto; padding: 40px 32px 56px; }
h1, h2, h3 { font-weight: 600; line-height: 1.25; margin: 0; text-wrap: balance; overflow-wrap: anywhere; }
h1 { font-size: 28px; letter-spacing: -0.01em; }
h2 { font-size: 19px; }
h3 { font-size: 14px; }
p { margin: 0 0 12px; max-width: 46em; }
.kind { margin: 0 0 4px; font-size: 13px; letter-spacing: 0.04em; color: var(--soft); }
.lead { margin: 10px 0 0; color: var(--soft); }
.note { margin: 4px 0 0; font-size: 14px; color: var(--soft); }
section { margin-top: 44px; }
.file, code, pre { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", "DejaVu Sans Mono", monospace; font-size: 0.875em; }
.file { unicode-bidi: isolate; overflow-wrap: anywhere; white-space: pre-wrap; }
pre { margin: 0; padding: 14px 16px; overflow-x: auto; background: var(--wash); border-radius: 6px; font-size: 13px; line-height: 1.5; }
pre code { font-size: inherit; }
.soft { color: var(--soft); }
.warn { color: rgb(var(--warn)); }

dl { margin: 0; }
dd { margin: 0; }
.key { display: flex; flex-wrap: wrap; gap: 18px 44px; margin-top: 28px; padding: 20px 0; border-top: 1px solid var(--line); border-bottom: 1px solid var(--line); }
.key dt { font-size: 13px; color: var(--soft); }
.key .value { display: block; font-size: 26px; line-height: 1.25; font-weight: 600; letter-spacing: -0.01em; }
.key .hint { display: block; font-size: 13px; color: var(--soft); }
.facts { font-size: 14px; }
.facts > div { display: grid; grid-template-columns: 13em minmax(0, 1fr); gap: 0 16px; padding: 5px 0; border-bottom: 1px solid var(--line); }
.facts dt { color: var(--soft); }
.facts dd { overflow-wrap: anywhere; }

figure { margin: 0; min-width: 0; }
figcaption { margin-top: 8px; font-size: 13px; line-height: 1.45; color: var(--soft); max-width: 46em; }
.columns { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 400px), 1fr)); gap: 36px 40px; align-items: start; }
.legend { display: flex; flex-wrap: wrap; gap: 2px 16px; margin-top: 4px; font-size: 13px; color: var(--soft); }
.legend span { display: inline-flex; align-items: center; gap: 6px; }
.legend svg { width: 22px; height: 8px; overflow: visible; }
svg.plot { display: block; width: 100%; max-width: 560px; height: auto; margin-top: 8px; }
svg text { fill: var(--soft); font-size: 11.5px; font-family: inherit; }
svg .axis { stroke: var(--soft); stroke-width: 1; fill: none; }
svg .grid { stroke: var(--line); stroke-width: 1; fill: none; }
svg .guide { stroke: var(--soft); stroke-width: 1; stroke-dasharray: 3 3; fill: none; }
svg .curve { fill: none; stroke-width: 1.75; stroke-linejoin: round; stroke-linecap: round; }
svg .whisker { stroke-width: 1.25; fill: none; }

.scroll { overflow-x: auto; max-width: 100%; }
table { border-collapse: collapse; font-size: 14px; line-height: 1.4; }
table.wide { width: 100%; }
th { font-weight: 400; color: var(--soft); text-align: left; vertical-align: bottom; }
thead th { border-bottom: 1px solid var(--soft); }
th, td { padding: 5px 12px; border-bottom: 1px solid var(--line); vertical-align: top; }
th:first-child, td:first-child { padding-left: 0; }
th:last-child, td:last-child { padding-right: 0; }
tbody th { color: var(--ink); vertical-align: top; }
tbody tr:last-child > * { border-bottom-color: var(--soft); }
.number { text-align: right; white-space: nowrap; }
.interval { display: inline-block; min-width: 6.4em; color: var(--soft); font-size: 0.86em; margin-left: 6px; text-align: left; white-space: nowrap; }

table.matrix { border-collapse: separate; border-spacing: 2px; table-layout: fixed; width: 100%; max-width: 720px; font-size: 14px; }
table.matrix th, table.matrix td { border: 0; padding: 0; }
table.matrix thead th { height: 6.4em; vertical-align: bottom; text-align: center; }
table.matrix thead th span { writing-mode: vertical-rl; transform: rotate(180deg); display: inline-block; }
table.matrix thead th:first-child { width: 92px; font-size: 12px; text-align: left; }
table.matrix tbody th { text-align: right; padding-right: 8px; vertical-align: middle; overflow: hidden; text-overflow: ellipsis; }
table.matrix td { height: 46px; text-align: center; vertical-align: middle; border-radius: 3px; background: rgb(var(--accent) / var(--share)); line-height: 1.2; }
table.matrix td.deep { color: var(--paper); }
table.matrix td.none { color: var(--soft); }
table.matrix td small { display: block; font-size: 11px; opacity: 0.8; }

.names { margin: 0; padding-left: 20px; font-size: 14px; }
.bars { font-size: 14px; max-width: 560px; --room: 4.5em; }
.bars.marked { --room: 8.5em; }
.bars > div { display: grid; grid-template-columns: 7em minmax(0, 1fr); align-items: center; gap: 0 12px; padding: 3px 0; }
.bars dt { text-align: right; }
.bars dd { display: flex; align-items: center; gap: 8px; position: relative; }
.bars .bar { display: block; height: 14px; min-width: 1px; border-radius: 2px; background: var(--s0); width: calc(var(--share) * (100% - var(--room))); }
.bars .mark { position: absolute; left: calc(var(--share) * (100% - var(--room)) - 1px); width: 2px; height: 20px; background: var(--ink); }
.bars .amount { color: var(--soft); white-space: nowrap; margin-left: calc(var(--beyond, 0) * (100% - var(--room))); }

.gallery { display: grid; grid-template-columns: repeat(auto-fill, minmax(104px, 1fr)); gap: 20px 16px; }
.gallery.large { grid-template-columns: repeat(auto-fill, minmax(148px, 1fr)); }
figure > .gallery { margin-top: 10px; }
.gallery img, .gallery .blank { display: block; width: 100%; aspect-ratio: 1; object-fit: contain; background: var(--wash); border-radius: 4px; }
.gallery img { image-rendering: auto; }
.gallery figcaption { margin-top: 6px; font-size: 12px; line-height: 1.35; overflow-wrap: anywhere; }
.gallery .file { display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 2; overflow: hidden; }
.gallery strong { color: var(--ink); font-weight: 600; }
.browse { display: grid; gap: 8px; }
.browse fieldset { display: flex; flex-wrap: wrap; gap: 4px 14px; margin: 0; padding: 0; border: 0; font-size: 14px; min-width: 0; }
.browse legend { float: left; width: 7em; padding: 0; color: var(--soft); }
.browse label { display: inline-flex; align-items: center; gap: 5px; cursor: pointer; }
.browse input { margin: 0; accent-color: var(--s0); }
table.ordered { display: grid; grid-template-columns: repeat(var(--all-columns), auto); }
table.ordered thead, table.ordered tbody { display: contents; }
table.ordered tr { display: grid; grid-template-columns: subgrid; grid-column: 1 / -1; }
table.ordered thead tr { order: -1; }
a { color: var(--s0); }
.picture img { max-width: 100%; height: auto; border-radius: 4px; }
details summary { cursor: pointer; font-size: 14px; color: var(--soft); }
details[open] summary { margin-bottom: 10px; }
section > * + * { margin-top: 18px; }
section > h2 + .note { margin-top: 4px; }
footer { margin-top: 56px; padding-top: 12px; border-top: 1px solid var(--line); font-size: 13px; color: var(--soft); }

@media (max-width: 640px) {
  main { padding: 24px 16px 40px; }
  h1 { font-size: 23px; }
  .key { gap: 14px 28px; }
  .key .value { font-size: 21px; }
  .facts > div { grid-template-columns: minmax(0, 1fr); }
  th, td { padding: 5px 6px; }
  table { font-size: 13px; }
  .interval { display: block; min-width: 0; margin-left: 0; text-align: right; }
  th.number { white-space: normal; }
  table.stacks { display: block; }
  table.stacks thead, table.stacks tbody { display: block; }
  table.stacks.ordered { display: flex; flex-direction: column; }
  table.stacks.ordered thead, table.stacks.ordered tbody { display: contents; }
  table.stacks tr { display: grid; grid-template-columns: repeat(var(--columns), minmax(0, 1fr)); padding: 6px 0; border-bottom: 1px solid var(--line); }
  table.stacks thead tr, table.stacks tbody tr:last-child { border-bottom-color: var(--soft); }
  table.stacks th, table.stacks td { border: 0; padding: 1px 12px 1px 0; align-self: end; overflow-wrap: anywhere; }
  table.stacks td { align-self: start; }
  table.stacks .number { text-align: left; }
  table.stacks thead .long { display: none; }
  table.stacks .long { grid-column: 1 / -1; }
  table.stacks .long:empty { display: none; }
  table.matrix { border-spacing: 1px; font-size: 12px; }
  table.matrix thead th:first-child { width: 68px; font-size: 11px; }
  table.matrix tbody th { padding-right: 5px; }
  table.matrix td { height: 36px; }
  table.matrix td small { font-size: 9.5px; }
}
@media print {
  :root { --paper: #ffffff; --ink: #1c2127; --soft: #5a646e; --line: #dce1e6; --wash: #f4f6f8; }
  main { max-width: none; padding: 0; }
  section, figure, tr { break-inside: avoid; }
}
)css";
}

}  // namespace mien::report
