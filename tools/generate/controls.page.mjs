import { GENERATED, page, table } from './markdown.mjs';

const INTRODUCTION = `Which control asks what, and what here answers it: a [report](reports.md), a query of the API, or [events](events.md) of the log. It says where to look; it is no statement that an organisation conforms. What a control asks is told in our own words, never in those of the standard. [control-map.json](control-map.json) is the same for programs.

- *Remains* is what the organisation has to show otherwise.
- *Proved by* names the tests that the answer does what it says; a test checks that all of them exist, and that every report, path and event named here does.
- *Verification* says where number and meaning come from: *compared* with the published text of the framework, or from a *secondary source*: then compare it before you print it in a report of your own.

Every report comes with a sheet of evidence (completeness, gaps, control totals, hashes), which answers the question that comes before any of these: whether the population is complete and accurate.`;

/** The control map as a page. */
export function controlsPage(controls, frameworks) {
  const sections = Object.entries(frameworks).flatMap(([id, name]) => [
    `## ${name}`,
    table(
      ['Control', 'What it asks', 'Answered by', 'Remains', 'Proved by', 'Verification'],
      controls.filter(({ framework }) => framework === id).map(row),
    ),
  ]);
  return page(GENERATED, '# Control map', INTRODUCTION, ...sections);
}

/** The control map as data: the frameworks by id, and the controls with every member, in the order of the page. */
export function controlsData(controls, frameworks) {
  const data = { frameworks, controls: controls.map(whole) };
  return `${JSON.stringify(data, null, 2)}\n`;
}

const whole = ({ framework, number, asks, answeredBy, remains, provedBy, verification }) => ({
  framework,
  number,
  asks,
  answeredBy: answeredBy && {
    reports: answeredBy.reports ?? [],
    queries: (answeredBy.queries ?? []).map(query),
    events: answeredBy.events ?? [],
  },
  remains,
  provedBy,
  verification,
});

const row = ({ number, asks, answeredBy, remains, provedBy, verification }) => [
  number,
  asks,
  answeredBy ? answers(answeredBy) : '*nothing here*',
  remains,
  provedBy.map((path) => `[${path.split('/').at(-1)}](../${path})`).join(' · '),
  verification,
];

const answers = ({ reports = [], queries = [], events = [] }) =>
  [
    reports.map((kind) => `[${kind}](reports.md#${kind})`).join(' · '),
    queries.map((path) => `\`${query(path)}\``).join(' · '),
    events.map((type) => `[${type}](events.md#${type.toLowerCase()})`).join(' · '),
  ]
    .filter((list) => list !== '')
    .join('; ');

const query = (path) => `GET ${path}`;
