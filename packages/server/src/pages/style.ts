/** The looks of the pages: one style sheet, light and dark by the reader's choice. */

export const STYLE = `
:root {
  color-scheme: light dark;
  --ink: #1c2230; --soft: #5a6478; --line: #d9dee8; --paper: #f6f7fa; --card: #ffffff; --code: #f0f2f7;
  --accent: #2747b8; --on-accent: #ffffff; --good: #17693a; --bad: #a3262e;
  --mono: ui-monospace, 'SF Mono', 'Cascadia Mono', 'DejaVu Sans Mono', Menlo, Consolas, monospace;
  --sans: system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'DejaVu Sans', sans-serif;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ink: #e6e9f0; --soft: #a2acc0; --line: #2e3647; --paper: #12161f; --card: #1a202c; --code: #10141c;
    --accent: #9db4ff; --on-accent: #10141c; --good: #7fd6a2; --bad: #ff9a9f;
  }
}
* { box-sizing: border-box; }
[hidden] { display: none !important; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.5 var(--sans); }
a { color: var(--accent); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
header.top { display: flex; gap: 1.5rem; align-items: baseline; padding: .9rem 1.5rem; background: var(--card); border-bottom: 1px solid var(--line); }
header.top strong { font-size: 1.1rem; letter-spacing: -.01em; }
header.top nav { display: flex; gap: 1.25rem; }
header.top a { text-decoration: none; }
header.top a:hover { text-decoration: underline; }
header.top a[aria-current] { color: var(--ink); font-weight: 600; }
main { max-width: 46rem; margin: 0 auto; padding: 2rem 1.5rem; }
h1 { font-size: 1.7rem; line-height: 1.2; margin: 0 0 .5rem; letter-spacing: -.02em; }
h2 { font-size: 1rem; margin: 0 0 .75rem; }
p.lead { color: var(--soft); margin: 0 0 1.5rem; }
.cards { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fit, minmax(15rem, 1fr)); list-style: none; margin: 0; padding: 0; }
.cards a { display: block; height: 100%; padding: 1.1rem 1.25rem; background: var(--card); border: 1px solid var(--line); border-radius: .6rem; color: inherit; text-decoration: none; }
.cards a:hover { border-color: var(--accent); }
.cards strong { display: block; color: var(--accent); }
.cards span { color: var(--soft); font-size: .93rem; }
main.wide { max-width: none; display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 1fr) 19rem; gap: 1rem; padding: 1rem 1.5rem; align-items: start; }
.panel { background: var(--card); border: 1px solid var(--line); border-radius: .6rem; padding: 1rem 1.1rem; }
.stack { display: grid; gap: 1rem; }
.panel label { display: block; font-size: .87rem; font-weight: 600; margin-bottom: .25rem; }
.panel :is(input, textarea, select, button) { font: inherit; color: inherit; }
.panel :is(input, textarea, select) { width: 100%; padding: .45rem .6rem; background: var(--code); border: 1px solid var(--line); border-radius: .4rem; }
code, .panel :is(textarea, pre), .docs dt { font-family: var(--mono); font-size: .87rem; line-height: 1.55; }
.panel textarea { resize: vertical; tab-size: 2; }
.panel button { padding: .45rem 1rem; border: 1px solid var(--accent); border-radius: .4rem; background: var(--accent); color: var(--on-accent); font-weight: 600; cursor: pointer; }
.panel button.quiet { background: transparent; color: var(--accent); }
[aria-busy='true'] .panel button { opacity: .6; cursor: progress; }
.row { display: flex; gap: .75rem; align-items: end; flex-wrap: wrap; }
.row > div { flex: 1 1 9rem; }
.hint { color: var(--soft); font-size: .87rem; margin: 0; align-self: center; }
.panel details { margin-top: .75rem; }
.panel summary { cursor: pointer; font-size: .87rem; }
.panel details > * + * { margin-top: .5rem; }
.panel pre { margin: 0; padding: .8rem; min-height: 34rem; max-height: 70vh; overflow: auto; background: var(--code); border: 1px solid var(--line); border-radius: .4rem; white-space: pre-wrap; overflow-wrap: anywhere; }
.status { font-size: .87rem; min-height: 1.3em; margin: 0 0 .5rem; }
.good { color: var(--good); }
.bad { color: var(--bad); }
.docs h3 { font-size: .87rem; margin: 1rem 0 .35rem; font-family: var(--mono); }
.docs dl { margin: 0; }
.docs dt { overflow-wrap: anywhere; }
.docs dd { margin: 0 0 .5rem; color: var(--soft); font-size: .85rem; }
/* Swagger UI knows light only. */
main.reference { max-width: none; padding: 0 0 2rem; background: #ffffff; color-scheme: light; }
#reference { max-width: 64rem; margin: 0 auto; }
@media (max-width: 75rem) { main.wide { grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); } main.wide > aside { grid-column: 1 / -1; } }
@media (max-width: 48rem) { main.wide { grid-template-columns: minmax(0, 1fr); } .panel pre { min-height: 14rem; } header.top { flex-wrap: wrap; } }
`

/** A key, for the tab of the browser. */
export const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#2747b8"/>
<g fill="none" stroke="#fff" stroke-width="3" stroke-linecap="round"><circle cx="11.5" cy="16" r="4.5"/><path d="M16 16h10v4M21.5 16v3"/></g></svg>`
