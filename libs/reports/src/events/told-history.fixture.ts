import type { SealedStoredEvent } from '#libs/bus';
import { catalogue } from '#libs/contracts';
import type { EventStore, StoredEvent } from '#libs/event-store';
import { parseStreamName, type RecordedEvent, type SealedEvent } from '#libs/kernel';
import { type EventReader, WITHHELD } from '#libs/read-model';
import type { Cell, ReportRow } from '../column.js';
import type { Question } from '../question.js';
import type { Counts, ReportKind, ReportSource } from '../report-kind.js';

/** A question about the whole life of the tenant acme, with personal data. */
export const askedOf = (events: readonly SealedEvent[], over: Partial<Question> = {}): Question => ({
  tenant: 'acme',
  asOf: events.at(-1)?.recordedAt ?? '2026-03-02T08:00:00.000Z',
  from: null,
  knownAt: events.at(-1)?.position ?? -1,
  timeZone: 'Europe/Berlin',
  filter: {},
  personal: true,
  ...over,
});

/** A report with everything that belongs to it. */
export interface WholeReport {
  /** Each row by the names of its columns. */
  readonly rows: readonly Readonly<Record<string, Cell>>[];
  readonly cells: readonly ReportRow[];
  readonly counts: Counts;
  readonly bookmarks: readonly string[];
}

/** Makes a report, or what of it follows a bookmark. */
export async function reportOf(
  kind: ReportKind,
  source: ReportSource,
  question: Question,
  after: string | null = null,
): Promise<WholeReport> {
  const cells: ReportRow[] = [];
  const bookmarks: string[] = [];
  const counts: Record<string, number> = {};
  for await (const batch of kind.rows(source, question, after)) {
    cells.push(...batch.rows);
    bookmarks.push(batch.bookmark);
    for (const [name, count] of Object.entries(batch.counts)) counts[name] = (counts[name] ?? 0) + count;
  }
  return { rows: cells.map((row) => named(kind, row)), cells, counts, bookmarks };
}

const named = ({ columns }: ReportKind, row: ReportRow): Readonly<Record<string, Cell>> =>
  Object.fromEntries(columns.map(({ name }, index) => [name, row[index] as Cell]));

/** Whether each population adds up. */
export async function reconciles(
  kind: ReportKind,
  source: ReportSource,
  question: Question,
): Promise<readonly string[]> {
  const { cells, counts } = await reportOf(kind, source, question);
  const populations = await kind.population(source, question, { rows: cells.length, counts });
  return populations
    .filter(
      ({ recorded, listed, excluded }) => recorded !== listed + Object.values(excluded).reduce((a, b) => a + b, 0),
    )
    .map((population) => JSON.stringify(population));
}

/** Reads what is stored in clear; for whoever may not see personal data, the fields that the catalogue marks read `[withheld]`. */
export const markingReader: EventReader = {
  decode: async (events) => events.map(inClear),
  decodeWithholding: (events) => events.map((event) => marked(inClear(event), WITHHELD)),
};

/** Reads the same where everybody has been erased. */
export const erasedReader: EventReader = {
  ...markingReader,
  decode: async (events) => events.map((event) => marked(inClear(event), '[erased]')),
};

const inClear = ({ storePosition: _place, ...event }: StoredEvent): RecordedEvent => ({
  ...event,
  tenant: parseStreamName(event.stream).tenant,
});

function marked(event: RecordedEvent, mark: string): RecordedEvent {
  const data = structuredClone(event.data);
  for (const { path } of catalogue.entry(event.type)?.personal ?? []) write(data, path.split('.'), mark);
  return { ...event, data };
}

function write(value: unknown, [step, ...rest]: readonly string[], sign: string): void {
  if (value === null || typeof value !== 'object' || step === undefined) return;
  const holder = value as Record<string, unknown>;
  const each = step.endsWith('[]');
  const name = each ? step.slice(0, -2) : step;
  const part = holder[name];
  if (part === null || part === undefined) return;
  if (rest.length === 0) holder[name] = sign;
  else for (const one of each ? (part as unknown[]) : [part]) write(one, rest, sign);
}

/** A store that can only be read, in both directions and by category. */
export function wholeStoreOf(events: readonly SealedStoredEvent[]): Pick<EventStore, 'readStream' | 'readLog'> {
  return {
    readStream: async (stream, { direction = 'forward', from, limit = 5_000 } = {}) => {
      const own = events.filter((event) => event.stream === stream);
      const onwards = direction === 'forward' ? own : own.toReversed();
      const begun = onwards.filter(
        ({ revision }) => from === undefined || (direction === 'forward' ? revision >= from : revision <= from),
      );
      return begun.slice(0, limit);
    },
    readLog: async ({ after, limit = 1_000, categories }) => {
      const fits = ({ stream }: StoredEvent) => categories?.includes(parseStreamName(stream).category) ?? true;
      const page = events.filter((event) => event.storePosition > after && fits(event)).slice(0, limit);
      return { events: page, through: page.at(-1)?.storePosition ?? after };
    },
  };
}

/** The same history, in which the events at these positions were recorded by one command. */
export function inOneCommand(history: readonly SealedEvent[], ...positions: readonly number[]): readonly SealedEvent[] {
  const [first] = positions;
  const commandId = history.find(({ position }) => position === first)?.metadata.commandId ?? '';
  return history.map((event) =>
    positions.includes(event.position) ? { ...event, metadata: { ...event.metadata, commandId } } : event,
  );
}

/** The same history, in which the event at the one position was caused by that at the other. */
export function causedBy(history: readonly SealedEvent[], effect: number, cause: number): readonly SealedEvent[] {
  const causationId = history.find(({ position }) => position === cause)?.id;
  return history.map((event) =>
    event.position === effect ? { ...event, metadata: { ...event.metadata, causationId } } : event,
  );
}

/** Whoever an event is about. */
interface Someone {
  readonly tenant: string;
  readonly account: string;
}

/** A fact in a stream of its own, as the histories of tests take it. */
const single = (category: string, { tenant }: Someone, id: string, event: () => { type: string; data: unknown }) => ({
  category,
  tenant,
  id,
  eventId: id,
  event,
});

/** The connection okta says that an account is disabled, two seconds after it was. */
export const accountDisabledAtSource = (someone: Someone, id: string, occurredAt: string) =>
  single('signal', someone, id, () => ({
    type: 'SignalReceived',
    data: {
      connection: 'okta',
      connectionVersion: 1,
      kind: 'account-disabled',
      issuer: 'http://idp.example/okta',
      signalId: `notice ${id}`,
      keySha256: '0'.repeat(64),
      subject: null,
      sessionIndex: null,
      account: someone.account,
      occurredAt,
      receivedAt: later(occurredAt, 2_000),
    },
  }));

/** Two sessions of an account end because of a notice, four seconds after what it speaks of. */
export const sessionsEnded = (
  someone: Someone,
  id: string,
  { signal, occurredAt }: { readonly signal: string; readonly occurredAt: string },
) =>
  single('signal', someone, id, () => ({
    type: 'SessionsEnded',
    data: {
      account: someone.account,
      connection: 'okta',
      signal,
      sessions: 2,
      signIns: null,
      effectAt: later(occurredAt, 4_000),
      sinceOccurredMs: 4_000,
      sinceReceivedMs: 2_000,
    },
  }));

/** A session of an account with the application crm ends because of an event, ten minutes after it. */
export const applicationSessionsEnded = (
  someone: Someone,
  id: string,
  { cause, signalAt }: { readonly cause: string; readonly signalAt: string },
) =>
  single('applicationSessionEnd', someone, id, () => ({
    type: 'ApplicationSessionsEnded',
    data: {
      account: someone.account,
      client: 'crm',
      application: 'crm',
      cause,
      code: 'deactivated',
      sessions: 1,
      signalAt,
      effectAt: later(signalAt, 600_000),
      sinceSignalMs: 600_000,
    },
  }));

/** The instant some milliseconds after another one. */
export const later = (instant: string, ms: number): string => new Date(Date.parse(instant) + ms).toISOString();
