import { type Html, html } from '#libs/html';
import { documentAround, lineList } from '../formats/document.js';
import { readable } from '../formats/question-in-words.js';
import { wordsOf } from '../formats/record-lines.js';
import { grouped, many } from '../number-words.js';
import { jsonForReading } from './json-for-reading.js';
import type { SampledEvent, SampledRow, SampleKit } from './sample-kit.js';

const STYLE = `
section{margin:1.6rem 0 0;padding-top:.6rem;border-top:1.5px solid var(--ink)}pre{margin:.2rem 0 .6rem;padding:.5rem .7rem;background:var(--tint);white-space:pre-wrap;font:11px/1.4 ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}ol{padding-left:1.4rem}h3,.event{break-after:avoid}.event{break-inside:avoid}h3{margin:1rem 0 .3rem;font-size:.95rem}
@media print{pre{font-size:6.5pt}}`;

/** A sample as a page: how it was drawn, then each row with why, and the events that it rests on. */
export function samplePage(kit: SampleKit): Html {
  const { title, tenant, kind, version, asOf, from, knownAt, report, seed, population, rows, method, files } = kit;
  const shownIn = new Map<string, number>();
  const [beginning, end] = documentAround({
    title: `Sample: ${title} · ${tenant}`,
    paper: 'portrait',
    look: 'sheet',
    style: STYLE,
  });
  return html`${beginning}<h1>${title}: sample</h1>
<p>${grouped(rows.length)} of ${many(population, 'row', grouped)}, each with the events that it rests on.</p>
${lineList([
  ['Report', html`<code>${report}</code> (${kind}, version ${version})`],
  ['Tenant', tenant],
  ...(from === null ? [] : [['After', readable(from)] as const]),
  ['As of', readable(asOf)],
  ['Known at position', String(knownAt)],
  ['Seed', html`<code>${seed}</code>`],
  ['Drawn by', method],
  ...files.map(({ name, sha256 }) => [name, html`SHA-256 <code>${sha256}</code>`] as const),
])}${rows.map((row) => sampledRow(row, shownIn))}${end}`;
}

/** @param shownIn row by event: what many rows rest on, such as a connection, is shown once */
function sampledRow({ number, digest, cells, because, events }: SampledRow, shownIn: Map<string, number>): Html {
  return html`<section>
<h2>Row ${number}</h2>
<p class="muted">Drawn by <code>${digest}</code></p>
${lineList(Object.entries(cells).map(([name, cell]) => [name, cellText(cell)] as const))}${
  because.length > 0 &&
  html`<h3>Why</h3>
<ol>${because.map(({ text, event }) => html`\n<li>${text} <span class="muted">Event <code>${event}</code></span></li>`)}\n</ol>
`
}<h3>Events</h3>
${events.length === 0 ? html`<p class="none">The row names none.</p>\n` : events.map((event) => eventBlock(event, number, shownIn))}</section>
`;
}

function eventBlock(event: SampledEvent, row: number, shownIn: Map<string, number>): Html {
  const { id, type, stream, revision, position, tenantPosition, recordedAt, actor, hash, data } = event;
  const before = shownIn.get(id);
  if (before !== undefined)
    return html`<p><strong>${type}</strong> <code>${id}</code><br>\nposition ${position}, in full under row ${before}</p>\n`;
  shownIn.set(id, row);
  return html`<p class="event"><strong>${type}</strong> <code>${id}</code><br>
${readable(recordedAt)} by ${actor} · position ${position}, in the tenant ${tenantPosition} · <code>${stream}</code> at ${revision}<br>
sealed with <code>${hash}</code></p>
<pre>${jsonForReading(data)}</pre>
`;
}

const cellText = (cell: Parameters<typeof wordsOf>[0]): Html | string =>
  cell === null ? html`<span class="none">none</span>` : wordsOf(cell, 'text');
