import { GENERATED, page, table } from './markdown.mjs';

const INTRODUCTION = `Which control asks what, and what here answers it: a [report](reports.md), a query of the API, or [events](events.md) of the log. It says where to look; it is no statement that an organisation conforms. What a control asks is told in our own words, never in those of the standard.

*Proved by* names the tests that the answer does what it says; a test checks that all of them exist, and that every report, path and event named here does. *Remains* is what the organisation has to show otherwise. A number with a dagger (†) is from secondary sources and was not compared with the published text: compare it before you print it in a report of your own.

Every report comes with a sheet of evidence (completeness, gaps, control totals, hashes), which answers the question that comes before any of these: whether the population is complete and accurate.`;

/** The control map as a page. */
export function controlsPage(controls, frameworks) {
  const sections = Object.entries(frameworks).flatMap(([id, name]) => [
    `## ${name}`,
    table(
      ['Control', 'What it asks', 'Answered by', 'Remains', 'Proved by'],
      controls.filter(({ framework }) => framework === id).map(row),
    ),
  ]);
  return page(GENERATED, '# Control map', INTRODUCTION, ...sections);
}

const row = ({ number, asks, answeredBy, remains, provedBy, numberChecked }) => [
  `${number}${numberChecked ? '' : ' †'}`,
  asks,
  answers(answeredBy),
  remains,
  provedBy.map((path) => `[${path.split('/').at(-1)}](../${path})`).join(' · '),
];

const answers = ({ reports = [], queries = [], events = [] }) =>
  [
    reports.map((kind) => `[${kind}](reports.md#${kind})`).join(' · '),
    queries.map((path) => `\`GET ${path}\``).join(' · '),
    events.map((type) => `[${type}](events.md#${type.toLowerCase()})`).join(' · '),
  ]
    .filter((list) => list !== '')
    .join('; ');
