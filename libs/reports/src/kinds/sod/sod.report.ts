import { grantPopulation } from '../../histories/grant-population.js';
import { countOpenings, type Openings } from '../../histories/openings.queries.js';
import { policiesAsOf } from '../../histories/policies-as-of.js';
import { countsUnder } from '../../histories/tally.js';
import type { Question } from '../../question.js';
import type { Counts, ReportKind, ReportSource, RowBatch } from '../../report-kind.js';
import { sodPolicies } from './sod-conflicts.js';
import {
  EXCEPTIONS,
  layout,
  PREVENTIONS,
  type SodWalk,
  VIOLATIONS,
  walkExceptions,
  walkHeld,
  walkPrevented,
  walkViolations,
} from './sod-walks.js';

/** The parts of the report in their order, by the word with which their bookmarks begin. */
const WALKS: readonly (readonly [word: string, walk: SodWalk])[] = [
  ['held', walkHeld],
  ['prevented', walkPrevented],
  ['exceptions', walkExceptions],
  ['violations', walkViolations],
];

/** What an account held, or would have got, against policies of segregation of duties at an instant. */
export const sodReport: ReportKind = {
  kind: 'sod',
  version: 1,
  title: 'Segregation of duties',
  answers:
    'Who held roles that must not be held together, why, who answers for it under which control until when, and what sign-ins prevented.',
  about: 'instant',
  columns: layout.columns,
  filters: ['account', 'role', 'policy'],
  rows,
  population: async (source, question, { counts }) => {
    const populationOf = async (of: string, openings: Openings, prefix: string) => ({
      of,
      recorded: await countOpenings(source.database, question, openings),
      listed: counts[`${prefix}.listed`] ?? 0,
      excluded: countsUnder(counts, `${prefix}.excluded.`),
    });
    return [
      await populationOf('violations on record', VIOLATIONS, 'violations'),
      await populationOf('conflicts that sign-ins reported', PREVENTIONS, 'preventions'),
      await populationOf('exceptions', EXCEPTIONS, 'exceptions'),
      ...(await grantPopulation(source, question)),
    ];
  },
  summary: async (_source, _question, { rows: lines, counts }) => ({ rows: lines, ...statusesIn(counts) }),
};

const statusesIn = (counts: Counts): Counts => countsUnder(counts, 'status.');

async function* rows(source: ReportSource, question: Question, after: string | null): AsyncGenerator<RowBatch> {
  const { policy } = question.filter;
  const inForce = sodPolicies(await policiesAsOf(source, question));
  const policies = inForce.filter(({ id }) => (policy ?? id) === id);
  const [begun = 'held', place] = after === null ? [] : divided(after);
  const first = WALKS.findIndex(([word]) => word === begun);
  for (const [index, [word, walk]] of WALKS.entries()) {
    if (index < first) continue;
    for await (const batch of walk({ source, question, policies }, index === first ? (place ?? null) : null)) {
      const progress = (index + batch.progress) / WALKS.length;
      yield { ...batch, bookmark: `${word} ${batch.bookmark}`, progress };
    }
  }
}

/** The word of a bookmark, and the bookmark of the walk. */
function divided(bookmark: string): [string, string] {
  const at = bookmark.indexOf(' ');
  return [bookmark.slice(0, at), bookmark.slice(at + 1)];
}
