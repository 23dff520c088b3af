import { GENERATED, page, table } from './markdown.mjs';

/** What each condition of a filter compares. */
const FILTERS = {
  account: 'id of an account',
  role: 'id of a role',
  application: 'id of an application',
  connection: 'id of a connection',
  directory: 'id of a directory',
  department: 'exactly as it was recorded; needs `personal:read`',
  privileged: '`true` or `false`',
  review: 'id of an access review',
  policy: 'id of a policy',
};

const TYPES = {
  text: 'text',
  integer: 'whole number',
  decimal: 'number',
  boolean: 'true or false',
  instant: 'instant',
  list: 'list of texts',
};

/** What a format is for, and how it holds what others cannot. */
const FORMATS = {
  csv: 'RFC 4180 in UTF-8 without a byte-order mark: lines end in CR LF, the first has the names of the columns. Nothing between two commas is no value, `""` an empty text; lists are joined by `; `',
  xlsx: 'a workbook for Excel and LibreOffice: typed cells, instants as dates in UTC, a head that stays and filters; the sheet `about` has the question and the columns. A text of more than 32,767 characters is refused rather than shortened',
  json: '`{"kind", "version", "columns": [{"name", "type"}], "rows": [{…}]}`, one row per line',
  html: 'a page that is complete in itself and prints on A4, for reading',
};

const introduction = ({
  daysKept,
  waiting,
}) => `For whoever has to show who may do what, and why: which reports there are, how to ask for one, what each column says, and how anybody can tell that nothing is missing. Every field of the API is described at \`/docs\` of a running server; which control asks for which report is in the [control map](control-map.md).

## Asking for one

\`\`\`sh
API=http://localhost:3000/api/v1; KEY='Authorization: Bearer YOUR-KEY'
curl -s "$API/reports" -H "$KEY" -H 'Content-Type: application/json' -H 'Idempotency-Key: june-1' \\
  -d '{"kind":"access","asOf":"2026-06-30","filter":{"application":"crm"},"formats":["csv","html"]}'   # 202 {"id": …}
curl -s "$API/reports/$ID" -H "$KEY"      # status, progress, files with their hashes, the evidence sheet
\`\`\`

On the command line \`gatebook report create KIND\` asks, waits and shows how far it is; \`gatebook report get ID --out FOLDER\` fetches the files.

A report is made in the background, one after the other; ${waiting} of a tenant may wait, tenants take turns, and what is kept of one may take 20 GiB, packed. It survives that its server is stopped or killed, and goes on where it was; \`POST …/cancel\` ends it. Files are kept for ${daysKept} days, the record of them for good. Asking needs \`reports:write\`, fetching \`audit:read\` or \`reports:write\`; every report and every download is recorded (\`ReportGenerated\`, \`AuditRead\`). So is who looks at \`/api/v1/events\` and \`/api/v1/access\`, in the log of each tenant whose data the answer shows: the first time at once, what the same key or person reads in the next ten minutes as one count (\`reads\`). What cannot be recorded is not shown; a server that is killed takes at most ten minutes of counts with it, never that somebody began to read.

## The question

| | |
|---|---|
| \`tenant\` | the customer; a customer’s key need not name it. A key of the installation may also name \`installation\`, in reports that say so: its own keys, set-up links and configurations, who read across customers, and sign-ins refused before it was clear whose they were, are facts of no customer and in no customer’s report |
| \`asOf\` | the instant that the report is about; of a period its end, inclusive (there \`to\` is another word for it). Absent, now |
| \`from\` | beginning of a period, exclusive: what was so by then is its opening. Absent, the beginning of the log |
| \`knownAt\` | position of the sealed log. What was recorded later is not taken into account, so the answer is the one that could have been given then. Absent, everything that is recorded |
| \`timeZone\` | in which days are counted, such as \`Europe/Berlin\`. Absent, the tenant’s own; of the installation UTC |
| \`filter\` | every condition of it must hold. Which a report takes is said with its columns; others are refused, and so are ids that the tenant never had. What it once had, such as an application that no role is of any more, can be asked about |

- **A bare date means the end of that day in the time zone**, also as \`from\`: the period begins after it. \`from: 2026-05-31, to: 2026-06-30\` is June. A day that has not ended has no end yet, and is refused.
- People, roles and rules are shown as they were at \`asOf\`, as far as was known at \`knownAt\`.
- A grant counts as access if it had begun, had not ended, and its account was active and not past its end.
- **Equal questions with equal \`knownAt\` have equal data files, to the byte**, on every database and after every rebuild, except that values of people who have been erased since read \`[erased]\`. (A workbook is compressed by Node.js: another version of it may pack the same cells differently. The other formats are not compressed.)
- Conditions of a filter: ${Object.entries(FILTERS)
  .map(([name, words]) => `\`${name}\` (${words})`)
  .join(', ')}.
- Personal columns are for callers with \`personal:read\`. Others see \`[withheld]\` where there is a value, and nothing where there is none.

## Formats`;

const AFTER_FORMATS = `A report that has more rows than a format holds is refused in that format, with the limit; the other formats are made. How many rows there are shows while they are gathered: asked for as a workbook alone, a report of 10 million rows fails with \`report-too-large\` as soon as more than 1,048,575 are gathered, and has no file.

Instants are ISO-8601 in UTC with milliseconds. Empty cells mean that there is no value.

**No cell can become a formula.** In CSV, where a program would look for one, an apostrophe stands before it: at the beginning of a text, and behind a semicolon, tab or line break in it, also after spaces and quotation marks there, before \`=\`, \`+\`, \`-\`, \`@\` and their full-width forms; and before a tab, line break or U+0000 that begins a text. Where a text has apostrophes in such a place of its own, it has one more, so taking one away gives exactly what was recorded. In a workbook texts are texts; in JSON everything stands as it is.

## The evidence sheet

\`evidence.json\` for programs, \`evidence.html\` for people. It begins with a verdict, and says what that follows from:

- **what was asked**: tenant, kind and version, instants, position, time zone, filter;
- **whether the population is complete**: in the log = listed + excluded, each exclusion by its reason; what makes no row of its own, such as a sign-in, is listed if the tables that the rows come from have it. Grants with their ends and histories, the decisions about them, that accounts were made, deactivated and reactivated, sign-ins and uses are counted from the index of the log and its own tally of grants, not from the tables that the rows come from (for *privileged-access* all that sources ever reported of use is read again, so that it takes time in proportion to it); where a person, a role or a source is lost from its table, the rows that rest on it say so. Where rows come from events themselves, the index is both: an event that is not what the index says of it (type, instant, account, actor, connection) is told nowhere and counted as unknown;
- **whether anything is missing**: the tenant’s events are counted number by number, in the sealed log and in the index of the read model, and the index is held against the log line by line: the same event, stream and numbers, and a type that such a stream can carry; gaps, parked streams, and what was not taken in yet;
- **control totals**: rows by application where a row belongs to one (in *sod*, whose roles may be of several, none does), rows that stand out, figures over the whole;
- **how fresh its sources were**: when each connection was last heard of, removed ones included, each that the log has; of more than 500 it says how many it does not list;
- **which tables it was made from, and how they compare with the log**: every projection of the read model with its version, and its last comparison in that version (\`gatebook verify-projections\` does it) with position, digest and differences; where there was none, *never compared*;
- **what was made**: SHA-256, bytes and rows of each file, version of the software, who asked and when.

What these counts cannot see, that comparison does: a row that is altered and not lost, such as a name, a date or a status; what a parked stream would have changed of a profile, a role or a connection, once somebody has cleared \`read_model.parked\` by hand instead of letting it be replayed; and an event that the index has under another account, type or instant, where a report looks for it by these. So compare the projections before a report on which much depends.

A report is never cut: one that would not fit is refused. *Truncated* is looked up all the same when everything is made: whether what it is made from has more behind its last row, and whether as many rows are kept and written as were gathered. Where something is wrong the sheet says *not complete*, and what to do about it.

## Checking it

\`gatebook report verify FOLDER\` needs the files and nothing else, neither server nor network: it compares bytes and hashes, counts rows, adds up populations, and refuses what the sheet does not list. It ends with 0 if all is as the sheet says, with 1 if not or if the sheet says itself that the report is *not complete* (then that, and nothing else, is the verdict), with 2 if it cannot tell.

What that proves depends on what it has:

- **The folder alone** can only be held against itself: whoever changes a file can change the sheet with it. The verdict is *consistent*. \`evidence.html\` is not checked, since the sheet cannot hold its hash; go by \`evidence.json\`.
- **With the tenant’s log** in the folder (\`gatebook report get ID --out FOLDER --with-log\`, or \`GET /api/v1/events/export\` as \`*.ndjson\`) every event is held against the hash in its line, positions against gaps, the number of events against the sheet, and every file, sheet and page included, against what \`ReportGenerated\` recorded. Each hash stands beside what it is taken of, so this too is *consistent*: whoever can rewrite the whole log can rewrite its hashes. Where an event is shown otherwise than it is stored (personal data, older forms), its hash vouches for what is stored.
- **With a hash that came another way** it is *valid*: \`--sheet-sha256 HEX\`, the SHA-256 of \`evidence.json\` as \`GET /api/v1/reports/ID\`, a signed webhook or an earlier letter says it; or \`--record-hash HEX\`, the hash of the event \`ReportGenerated\` in a log that you trust. \`report get\` and \`report create --out\` compare with what the server says by themselves. \`gatebook verify\` compares the sealed log with the events.

\`gatebook report sample ID --seed TEXT --size NUMBER --out FILE\` draws rows that whoever has the same seed draws again, each with its chain of why and the events behind it, as one page or as JSON: the row numbers with the smallest SHA-256 of seed, line feed and number.

## Reports by the clock

A tenant's configuration can ask for reports ([\`reports:\`](configuration.md)):

\`\`\`yaml
    reports:
      - { id: monthly-access, kind: access, schedule: "0 6 1 * *", formats: [xlsx, csv], filter: { application: crm }, personal: true, deliver: { folder: finance/monthly } }
      - { id: quarterly-changes, kind: access-changes, schedule: "0 6 1 */3 *", period: previousQuarter, deliver: { webhook: { url: https://hooks.acme.example/reports, secret: "env:GATEBOOK_SECRET_REPORTS" } } }
\`\`\`

- Times are the tenant's: 06:00 is 06:00 in summer and in winter. A time that the clocks leave out comes right after the gap, one that they repeat comes once. Each comes once, whatever is restarted; of times at which no server ran only the last is made up for, and the log of the server says how many there were before it.
- A report about an instant is about the end of the day before; one about a period covers the whole calendar unit before (\`previousDay\`, \`previousWeek\` from Monday to Sunday, \`previousMonth\`, \`previousQuarter\`, \`previousYear\`). However late it is made, that stays.
- \`GET /api/v1/reports?schedule=monthly-access\` lists what a schedule asked for; \`scheduledFor\` says which of its times, \`delivery\` how it reached its places. Without \`deliver\` it is there to be fetched.
- **To a folder**: \`GATEBOOK_REPORTS_FOLDER/TENANT/FOLDER/2026-04-01T0400Z-monthly-access/\`, by the time in UTC that it was due at. Files appear under their names when they are complete and on disk, \`evidence.json\` last: a folder that has it is whole, and can be checked by \`gatebook report verify\`. Nothing is deleted there; personal data that it holds is kept by whoever keeps the folder, also after an erasure.
- **To a webhook**: that a report is done, as \`{"type": "report-done", "timestamp", "data": {report, tenant, kind, schedule, asOf, from, knownAt, rows, complete, url, files: [{name, sha256, bytes, url}]}}\`, none of its rows. It is signed as [notices](governance.md#notices) are, and bears the same \`webhook-id\` at each attempt. The files are fetched with a key, which is on record.
- What fails is tried again for about a day, then given up (at once when a receiver answers 410). Both ends are on record: \`ReportDelivered\`, \`ReportNotDelivered\` with a code: \`no-folder\` (the variable is not set), \`folder-unwritable\`, \`unreachable\`, \`refused\`, \`no-channel\` (the configuration does not name it any more), \`report-failed\`, \`report-cancelled\`, \`report-files-expired\`, \`delivery-failed\` (the log of the server says why).

## The reports`;

/** Every report with its columns, as a page. @param limits what a person who asks may meet: days that files are kept, reports that may wait */
export function reportsPage(kinds, formats, limits) {
  const offered = Object.values(formats).map(({ name, rowsMax }) => [
    `\`${name}\``,
    known(FORMATS, name, 'format'),
    Number.isFinite(rowsMax) ? rowsMax.toLocaleString('en-US') : 'as many as there are',
  ]);
  const contents = kinds.map(({ kind, answers }) => [`[\`${kind}\`](#${kind})`, answers]);
  return page(
    GENERATED,
    '# Reports',
    introduction(limits),
    table(['Format', 'What it is', 'Rows'], offered),
    AFTER_FORMATS,
    table(['Report', 'What it answers'], contents),
    ...kinds.map(chapter),
  );
}

function chapter({ kind, version, title, answers, about, filters, columns, ofInstallation }) {
  const conditions = filters.filter((name) => known(FILTERS, name, 'filter')).map((name) => `\`${name}\``);
  const rows = columns.map(({ name, type, means, personal }) => [
    `\`${name}\``,
    known(TYPES, type, 'type of column'),
    means,
    personal ? 'yes' : '',
  ]);
  return page(
    `## ${kind}`,
    answers,
    `*${title}*, version ${version}, about ${about === 'instant' ? 'an instant' : 'a period'}. ${conditions.length === 0 ? 'It takes no filter.' : `Filters: ${conditions.join(' · ')}.`}${ofInstallation ? ' Also of the tenant `installation`.' : ''}`,
    table(['Column', 'Type', 'What it says', 'Personal'], rows),
  ).trimEnd();
}

/** @throws {Error} when there are no words yet for something that the code has */
function known(words, name, what) {
  if (!Object.hasOwn(words, name))
    throw new Error(`The ${what} ${name} has no words yet: add some to reports.page.mjs.`);
  return words[name];
}
