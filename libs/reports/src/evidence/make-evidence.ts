import { readPosition } from '#libs/read-model';
import type { Cell } from '../column.js';
import type { EvidenceFile, EvidenceSheet } from '../evidence.js';
import type { Question } from '../question.js';
import type { Counts, Population, ReportKind, ReportSource } from '../report-kind.js';
import { comparedProjections } from './compared-projections.queries.js';
import { parkedByThen } from './parked-by-then.queries.js';
import { isTruncated, type KeptReport, problemsOf } from './problems.js';
import { type SourceContacts, sourceContacts } from './source-contacts.queries.js';
import { type TenantLog, walkTenantLog } from './tenant-log.queries.js';

/** A report whose data files are finished. */
export interface MadeReport {
  readonly report: string;
  readonly question: Question;
  readonly kind: Pick<ReportKind, 'kind' | 'version' | 'title'>;
  readonly rows: number;
  readonly kept: KeptReport;
  /** Everything that its batches counted, added up. */
  readonly counts: Counts;
  readonly summary: Readonly<Record<string, Cell>>;
  readonly population: readonly Population[];
  readonly files: readonly EvidenceFile[];
  /** Cells that read `[erased]`. */
  readonly erased: number;
  /** The most streams of the tenant that were parked when its rows were gathered, however many are now. */
  readonly parkedStreams: number;
  /** `kind:id`. */
  readonly generatedBy: string;
  /** ISO-8601 UTC. */
  readonly generatedAt: string;
  readonly softwareVersion: string;
}

/** What the log and the read model are like, as far as a report rests on them. */
interface Grounds extends Pick<EvidenceSheet, 'lag' | 'parkedStreams' | 'projections'> {
  readonly log: TenantLog;
  readonly contacts: SourceContacts;
}

/**
 * Makes the evidence sheet of a report: counts the tenant's log up to `knownAt` position by position, compares it with the read model, and
 * says in sentences what is wrong, if anything is. Statements are short and bounded; the whole takes time in proportion to the tenant's
 * events. Nothing is assumed: what cannot be read makes it fail.
 */
export async function makeEvidence(source: ReportSource, made: MadeReport): Promise<EvidenceSheet> {
  const grounds = await groundsOf(source, made.question);
  const { question, kind, rows, kept, counts, summary, population, files } = made;
  const flags = countsUnder('flag.', counts);
  const { log, lag, contacts, projections } = grounds;
  const parkedStreams = Math.max(made.parkedStreams, grounds.parkedStreams);
  const judged = {
    knownAt: question.knownAt,
    rows,
    kept,
    log,
    connections: contacts.sources.length + contacts.notListed,
    lag,
    parkedStreams,
    population,
    flags,
    summary,
    projections,
    files,
  };
  const problems = problemsOf(judged);
  return {
    report: made.report,
    tenant: question.tenant,
    kind: kind.kind,
    version: kind.version,
    title: kind.title,
    asOf: question.asOf,
    from: question.from,
    knownAt: question.knownAt,
    timeZone: question.timeZone,
    filter: question.filter,
    personal: question.personal,
    positions: { from: 0, through: question.knownAt },
    events: { sealed: log.sealed, projected: log.projected },
    gaps: log.gaps,
    parkedStreams,
    lag,
    rows,
    population,
    applications: countsUnder('application.', counts),
    flags,
    summary,
    sources: contacts.sources,
    sourcesNotListed: contacts.notListed,
    projections,
    truncated: isTruncated(judged),
    erasedValues: made.erased,
    complete: problems.length === 0,
    problems,
    softwareVersion: made.softwareVersion,
    generatedBy: made.generatedBy,
    generatedAt: made.generatedAt,
    files,
  };
}

async function groundsOf(source: ReportSource, { tenant, knownAt }: Question): Promise<Grounds> {
  const { database } = source;
  const query = { tenant, knownAt };
  const { position } = await readPosition(database);
  return {
    log: await walkTenantLog(database, query),
    lag: Math.max(0, knownAt - position),
    parkedStreams: await parkedByThen(database, query),
    contacts: await sourceContacts(database, query),
    projections: await comparedProjections(source),
  };
}

/** Counts whose names begin so, without that beginning, by name in the order of the alphabet. */
function countsUnder(prefix: string, counts: Counts): Record<string, number> {
  const names = Object.keys(counts).filter((name) => name.startsWith(prefix));
  return Object.fromEntries(names.sort().map((name) => [name.slice(prefix.length), counts[name] as number]));
}
