import { createHash } from 'node:crypto';
import { type Html, type HtmlValue, html, trusted } from '#libs/html';
import type { Line } from './question-in-words.js';

/** For paper first: dark on light, no colour that a copier loses, heads that come again on every page. */
const STYLESHEET = `
:root{color-scheme:light;--ink:#1b2330;--muted:#566174;--line:#cfd6e1;--tint:#f3f5f9;--good:#17603a;--good-tint:#e1f4e8;--bad:#9b1c1c;--bad-tint:#fde8e8}
*{box-sizing:border-box}
body{margin:0 auto;padding:1.5rem;max-width:92rem;color:var(--ink);background:#fff;font:13px/1.45 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;overflow-wrap:anywhere}
h1{margin:0 0 .2rem;font-size:1.7rem;line-height:1.2;letter-spacing:-.015em}h2{margin:1.9rem 0 .5rem;font-size:1.1rem;break-after:avoid}p{margin:0 0 .7rem;max-width:60rem}
.muted{color:var(--muted)}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.15rem 1.2rem;margin:.8rem 0 1.2rem}dt{color:var(--muted)}dd{margin:0}
table{width:100%;border-collapse:collapse;font-size:12px}thead{display:table-header-group}th,td{padding:.3rem .5rem;text-align:left;vertical-align:top}
th{color:var(--muted);font-weight:600;overflow-wrap:normal;border-bottom:1.5px solid var(--ink)}thead{background:#fff}tbody{border-bottom:1px solid var(--line);break-inside:avoid}tr{break-inside:avoid}
tbody:nth-of-type(even){background:var(--tint)}td.number,th.number{text-align:right;font-variant-numeric:tabular-nums}.none{color:var(--muted);font-style:italic}
.sheet{max-width:62rem}.sheet :is(th,td){padding-inline:.6rem}.sheet :is(th,td):first-child{padding-left:0}.sheet :is(th,td):last-child{padding-right:0}.beside{display:flex;flex-wrap:wrap;gap:0 2.5rem}.beside section{flex:1 1 12rem;max-width:30rem}.after{margin-top:.7rem}.sheet tbody{background:none;break-inside:auto}.sheet tbody tr{border-bottom:1px solid var(--line)}.sheet tbody th{color:var(--ink);font-weight:400;border-bottom:0}
.verdict{margin:1rem 0 1.4rem;padding:.8rem 1rem;border-left:5px solid;border-radius:.2rem}.verdict>:last-child{margin-bottom:0}.verdict h2{margin:0 0 .2rem;font-size:1.25rem}.verdict ul{margin:.3rem 0 0;padding-left:1.2rem}
.good{color:var(--good);background:var(--good-tint);border-color:var(--good)}.bad{color:var(--bad);background:var(--bad-tint);border-color:var(--bad)}
code{font:0.92em ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}.end{margin:1.2rem 0 0;color:var(--muted)}
@media print{body{padding:0;max-width:none;font-size:9pt;print-color-adjust:exact;-webkit-print-color-adjust:exact}table{font-size:7pt}.sheet table{font-size:8.5pt}th,td{padding:.9mm 1.2mm}h2{margin-top:5mm}}`;

/** How a page lies when it is printed. */
export type Paper = 'portrait' | 'landscape';

/** What stands around the content of a document. */
export interface DocumentShell {
  readonly title: string;
  readonly paper: Paper;
  /** Style of this document alone; a constant, never input. */
  readonly style?: string;
  /** Class of the body. */
  readonly look?: string;
}

/**
 * The beginning and the end of a document that needs nothing but itself: its style is in it, and nothing else may be loaded or run, wherever
 * the file is opened.
 */
export function documentAround({ title, paper, style = '', look = '' }: DocumentShell): readonly [Html, Html] {
  const sheet = `${STYLESHEET}\n@page{size:A4 ${paper};margin:11mm 10mm 13mm;@bottom-right{content:counter(page) " / " counter(pages);color:#566174;font:7pt system-ui,sans-serif}}${style}\n`;
  const policy = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(sheet).digest('base64')}'`;
  const beginning = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${trusted(sheet)}</style>
</head>
<body class="${look}">
`;
  return [beginning, html`</body>\n</html>\n`];
}

/** Lines as a list of terms. */
export function lineList(lines: readonly (readonly [string, HtmlValue] | Line)[]): Html {
  return html`<dl>${lines.map(([about, words]) => html`\n<dt>${about}</dt><dd>${words}</dd>`)}\n</dl>\n`;
}
