import { type Html, type HtmlValue, html } from '#libs/html';
import type { Cell } from '../column.js';
import type { EvidenceSheet } from '../evidence.js';
import { grouped, isOrAre, many } from '../number-words.js';
import type { Counts, Population, ReportKind } from '../report-kind.js';
import { documentAround, lineList } from './document.js';
import { questionInWords, readable } from './question-in-words.js';
import { wordsOf } from './record-lines.js';

/** The evidence sheet as a page: first whether the report can be relied on, then from what that follows. */
export function evidencePage(sheet: EvidenceSheet, { about, answers }: Pick<ReportKind, 'about' | 'answers'>): Html {
  const [beginning, end] = documentAround({
    title: `Evidence: ${sheet.title} · ${sheet.tenant}`,
    paper: 'portrait',
    look: 'sheet',
  });
  return html`${beginning}<h1>${sheet.title}: evidence</h1>
<p>${answers} <span class="muted">This sheet says what the report was made from, whether everything is in it, and how to tell that nobody has changed it since.</span></p>
${verdict(sheet)}${section('What was asked', lineList(questionInWords(about, sheet)))}${[
  section('Is everything in it?', population(sheet)),
  section('What it was made from', lineList(covered(sheet))),
  beside(applications(sheet), flags(sheet), figures(sheet)),
  sources(sheet),
  projections(sheet),
  files(sheet),
  section('How it was made', lineList(making(sheet))),
]}${end}`;
}

function verdict({ complete, problems, rows, gaps, positions }: EvidenceSheet): Html {
  if (complete)
    return html`<div class="verdict good"><h2>Complete</h2>
<p>${many(rows, 'row', grouped)}. Positions of the log taken into account: ${span(positions)}; missing: ${grouped(gaps)}. All that is in the log is listed or excluded for a reason.</p></div>\n`;
  return html`<div class="verdict bad"><h2>Not complete</h2>
<p>Do not rely on this report before these are explained:</p><ul>${problems.map((problem) => html`\n<li>${problem}</li>`)}\n</ul></div>\n`;
}

function span({ from, through }: EvidenceSheet['positions']): string {
  return through < from ? 'none' : `${grouped(from)} to ${grouped(through)}`;
}

function population({ population: populations }: EvidenceSheet): Html {
  const rows = populations.map((each) => {
    const excluded = total(each.excluded);
    return [
      each.of,
      grouped(each.recorded),
      grouped(each.listed),
      grouped(excluded),
      reasons(each),
      each.recorded === each.listed + excluded ? 'yes' : html`<strong>no</strong>`,
    ];
  });
  return html`<p>In the log = listed + excluded. What is in the log is counted from its index and its own tallies, not from the tables that the rows come from. Listed: as a row or, for what makes no row of its own, in those tables.</p>
${table(['Population', '#In the log', '#Listed', '#Excluded', 'Excluded because', 'Adds up'], rows)}`;
}

const total = (excluded: Counts): number => Object.values(excluded).reduce((sum, count) => sum + count, 0);

function reasons({ excluded }: Population): Html {
  return html`${byName(excluded).map(([reason, count], at) => html`${at > 0 && html`<br>`}${inWords(reason)}: ${grouped(count)}`)}`;
}

function covered(sheet: EvidenceSheet): readonly (readonly [string, HtmlValue])[] {
  const { positions, events } = sheet;
  return [
    ['Positions of the log', span(positions)],
    ['Events of the tenant', `${grouped(events.sealed)} in the sealed log, ${grouped(events.projected)} in the index`],
    ['Gaps', `${grouped(sheet.gaps)} missing among the numbers of the tenant’s events`],
    ['Parked streams', grouped(sheet.parkedStreams)],
    ['Not taken in yet', many(sheet.lag, 'event', grouped)],
    ['Truncated', sheet.truncated ? html`<strong>yes</strong>` : 'no'],
    ['Erased values', `${many(sheet.erasedValues, 'cell', grouped)} of people who have been erased, shown as [erased]`],
  ];
}

function applications({ applications: counted, rows: all }: EvidenceSheet): Html | false {
  const rows = byName(counted).map(([name, count]): HtmlValue[] => [name, grouped(count)]);
  const others = all - total(counted);
  if (others > 0) rows.push(['of no application, or an unknown one', grouped(others)]);
  const sum = [
    html`<strong>all of them</strong>`,
    html`<strong>${grouped(total(counted) + Math.max(0, others))}</strong>`,
  ];
  const heads = ['Application', '#Rows'];
  return Object.keys(counted).length > 0 && section('Rows by application', table(heads, [...rows, sum]));
}

function flags({ flags: counted }: EvidenceSheet): Html | false {
  const rows = byName(counted).map(([name, count]) => [inWords(name), grouped(count)]);
  return rows.length > 0 && section('Rows that stand out', table(['What stands out', '#Rows'], rows));
}

/** In the order of the kind, which is the order in which they are read: opening + gained − lost = closing. */
function figures({ summary }: EvidenceSheet): Html | false {
  const rows = Object.entries(summary).map(([name, value]) => [inWords(name), figure(value)]);
  return rows.length > 0 && section('Figures', table(['Figure', '#Value'], rows));
}

/** Sections that lie beside each other where there is room. */
function beside(...sections: readonly (Html | false)[]): Html {
  return html`<div class="beside">${sections.map((each) => each && html`<section>${each}</section>\n`)}</div>\n`;
}

const figure = (value: Cell): string => (Number.isInteger(value) ? grouped(Number(value)) : wordsOf(value, 'text'));

/** A name as the data bear it, for people: `deactivatedAccount` is a deactivated account. */
const inWords = (name: string): string => name.replace(/(?<=[a-z0-9])(?=[A-Z])/g, ' ').toLowerCase();

function sources({ sources: contacts, sourcesNotListed }: EvidenceSheet): Html | false {
  const rows = contacts.map(({ connection, status, lastContactAt }) => [
    connection,
    status,
    lastContactAt === null ? 'never' : readable(lastContactAt),
  ]);
  return (
    rows.length > 0 &&
    section(
      'When its sources were last heard of',
      html`${table(['Connection', 'Status', 'Last contact'], rows)}${sourcesNotListed > 0 && html`<p class="after">${grouped(sourcesNotListed)} more ${isOrAre(sourcesNotListed)} not listed: a sheet holds ${grouped(contacts.length)}.</p>\n`}`,
    )
  );
}

/** All of them: that one was never compared is as much to know as what came of comparing it. */
function projections({ projections: all }: EvidenceSheet): Html {
  const never: string[] = [];
  const rows = all.flatMap(({ projection, version, position, verifiedAt, differences, digest }): HtmlValue[][] => {
    const name = `${projection}, version ${version}`;
    if (position !== null && verifiedAt !== null)
      return [
        [
          name,
          grouped(position),
          readable(verifiedAt),
          differences ? html`<strong>${grouped(differences)}</strong>` : grouped(0),
          html`<code>${digest}</code>`,
        ],
      ];
    never.push(name);
    return [];
  });
  const heads = ['Projection', '#Up to position', 'Compared at', '#Differences', 'SHA-256 of what the log makes of it'];
  return section(
    'Its tables, and when they were last compared with the log',
    html`${rows.length > 0 && table(heads, rows)}${never.length > 0 && html`<p class="after">Never compared: ${never.join('; ')}.</p>\n`}<p class="after">They are compared by <code>gatebook verify-projections</code>.</p>\n`,
  );
}

function files({ files: made }: EvidenceSheet): Html {
  const rows = made.map(({ name, rows: count, bytes, sha256 }) => [
    name,
    grouped(count),
    grouped(bytes),
    html`<code>${sha256}</code>`,
  ]);
  return html`${section('Its files', table(['File', '#Rows', '#Bytes', 'SHA-256'], rows))}<p class="after">Whoever has the files can check all this without Gatebook’s servers: <code>gatebook report verify FOLDER</code>. Asked for again with the same instants, conditions and position, they have the same bytes, save for what was of people who have been erased since.</p>\n`;
}

function making(sheet: EvidenceSheet): readonly (readonly [string, HtmlValue])[] {
  return [
    ['Report', html`<code>${sheet.report}</code>`],
    ['Definition', html`<code>${sheet.kind}</code>, version ${sheet.version}`],
    ['Made by', html`<code>${sheet.generatedBy}</code>`],
    ['Made at', readable(sheet.generatedAt)],
    ['Gatebook', `version ${sheet.softwareVersion}`],
  ];
}

const section = (title: string, content: Html): Html => html`<h2>${title}</h2>\n${content}`;

/** A table; a head that begins with `#` stands over numbers. */
function table(heads: readonly string[], rows: readonly (readonly HtmlValue[])[]): Html {
  const right = heads.map((head) => head.startsWith('#') && html` class="number"`);
  const head = heads.map((text, at) => html`<th scope="col"${right[at]}>${text.replace('#', '')}</th>`);
  const line = (cells: readonly HtmlValue[]) =>
    html`<tr>${cells.map((cell, at) => html`<td${right[at]}>${cell}</td>`)}</tr>\n`;
  return html`<table>\n<thead><tr>${head}</tr></thead>\n<tbody>\n${rows.map(line)}</tbody>\n</table>\n`;
}

function byName<T>(record: Readonly<Record<string, T>>): readonly (readonly [string, T])[] {
  return Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1));
}
