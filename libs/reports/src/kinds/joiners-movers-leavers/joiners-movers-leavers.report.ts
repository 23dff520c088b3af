import type {
  AccountMerged,
  ApplicationSessionsEnded,
  Profile,
  ProfileUpdated,
  SessionsEnded,
  SignalReceived,
  UserDeactivated,
  UserProvisioned,
  UserReactivated,
} from '#libs/contracts';
import type { SealedEvent } from '#libs/kernel';
import type { Cell, ReportRow } from '../../column.js';
import { eventCells, within } from '../../events/columns.js';
import { effectsOf } from '../../events/effects-of.js';
import { eventReport, type Told } from '../../events/event-report.js';
import { type People, peopleOf, unknownAmong } from '../../events/people.js';
import { eventsById, lastBefore, sameCommandAs } from '../../events/related-events.js';
import { countEndedAccounts } from '../../histories/ended-accounts.queries.js';
import { grantPopulation } from '../../histories/grant-population.js';
import type { Question } from '../../question.js';
import type { Counts, Population, ReportKind, ReportSource, RowBatch } from '../../report-kind.js';
import { accountsEnded, isAmongEnded, UNKNOWN_ENDS } from './accounts-ended.js';
import { JOINERS_MOVERS_LEAVERS_COLUMNS, MOVING_NAMES } from './joiners-movers-leavers.columns.js';
import { type RolesMoved, rolesMoved } from './roles-moved.js';

const fromEvents: ReportKind = eventReport({
  kind: 'joiners-movers-leavers',
  version: 2,
  title: 'Joiners, movers and leavers',
  answers: 'Who joined, moved, left or came back in the period, and which roles did they gain, lose and keep by it?',
  columns: JOINERS_MOVERS_LEAVERS_COLUMNS,
  filters: ['account', 'connection', 'directory'],
  types: ['UserProvisioned', 'ProfileUpdated', 'UserDeactivated', 'UserReactivated', 'AccountMerged'],
  tell,
  population: async (source, question, { counts }) => [
    await endedPopulation(source, question, counts),
    ...(await grantPopulation(source, question)),
  ],
  summary: async (_source, _question, { counts }) => summaryOf(counts),
});

/** Who came, changed places and left, and what became of their access. Whose end came by itself follows upon what events tell. */
export const joinersMoversLeaversReport: ReportKind = { ...fromEvents, rows };

async function* rows(source: ReportSource, question: Question, after: string | null): AsyncIterable<RowBatch> {
  if (!isAmongEnded(after)) yield* fromEvents.rows(source, question, after);
  yield* accountsEnded(source, question, after);
}

/** Accounts that were active when their end came: counted from what stood right before it, and not from how their status went. */
async function endedPopulation({ database }: ReportSource, question: Question, counts: Counts): Promise<Population> {
  return {
    of: 'accounts whose end came',
    recorded: await countEndedAccounts(database, question),
    listed: counts['change.expired'] ?? 0,
    excluded: { unknownAccount: counts[UNKNOWN_ENDS] ?? 0 },
  };
}

type Move = SealedEvent & (UserProvisioned | ProfileUpdated | UserDeactivated | UserReactivated | AccountMerged);
type Leaving = SealedEvent & UserDeactivated;

/** What the rows of a page are told from; by id of the event unless it says otherwise. */
interface Known {
  readonly people: People;
  readonly together: ReadonlyMap<string, readonly SealedEvent[]>;
  readonly before: ReadonlyMap<string, SealedEvent>;
  readonly roles: ReadonlyMap<string, RolesMoved>;
  readonly causes: ReadonlyMap<string, SealedEvent>;
  readonly effects: ReadonlyMap<string, readonly SealedEvent[]>;
}

async function tell(page: readonly SealedEvent[], source: ReportSource, question: Question): Promise<Told[]> {
  const events = page as readonly Move[];
  const people = await peopleOf(
    source,
    question,
    events.map(({ data }) => data.account),
  );
  const together = await sameCommandAs(source, question, events.filter(hasMoved));
  const told = events.map((event) => excludedBecause(event, together.get(event.id) ?? [], { people, question }));
  const moves = events.filter((_event, index) => told[index] === null);
  const leaving = moves.filter(isLeaving);
  const known: Known = {
    people,
    together,
    before: await lastBefore(source, question, moves, ['UserProvisioned', 'ProfileUpdated']),
    roles: await rolesMoved(source, question, moves, together),
    causes: await eventsById(
      source,
      question,
      leaving.map(({ metadata }) => metadata.causationId),
    ),
    effects: await sessionsEndedBy(source, question, leaving),
  };
  return events.map((event, index) => {
    const excluded = told[index];
    if (excluded) return { excluded };
    const counts = { [`change.${CHANGE[event.type]}`]: 1, ...unknownAmong(people, [event.data.account]) };
    return { rows: [rowOf(event, known)], counts };
  });
}

const CHANGE: Readonly<Record<Move['type'], string>> = {
  UserProvisioned: 'joiner',
  ProfileUpdated: 'mover',
  UserDeactivated: 'leaver',
  UserReactivated: 'returner',
  AccountMerged: 'merged',
};

const isLeaving = (event: Move): event is Leaving => event.type === 'UserDeactivated';

const hasMoved = (event: Move): boolean => event.type !== 'ProfileUpdated' || changedIn(event).length > 0;

const changedIn = (event: Move): readonly string[] =>
  event.type === 'ProfileUpdated' ? MOVING_NAMES.filter((name) => event.data.changed.includes(name)) : [];

/** Why an event has no row; null where it has one. An account that ends in a merge is suspended by the same command: nobody left. */
function excludedBecause(
  event: Move,
  together: readonly SealedEvent[],
  { people, question }: Pick<Known, 'people'> & { readonly question: Question },
): string | null {
  if (!hasMoved(event)) return 'otherAttributes';
  if (isLeaving(event) && together.some(({ type }) => type === 'AccountMerged')) return 'partOfMerge';
  const { directory } = question.filter;
  const { account } = event.data;
  if (directory === undefined || people.of(account)?.directory === directory) return null;
  return people.isLost(account) ? 'unknownAccount' : 'otherDirectory';
}

function rowOf(event: Move, known: Known): ReportRow {
  const { account } = event.data;
  const before = profileIn(known.before.get(event.id));
  const after = profileIn(event) ?? before;
  const roles = known.roles.get(event.id);
  const source = 'source' in event.data ? event.data.source : null;
  const of = (profile: Profile | string | null, name: keyof Omit<Profile, 'attributes'>): Cell =>
    within(profile, (whole) => whole[name]);
  return [
    event.recordedAt,
    CHANGE[event.type],
    account,
    of(after, 'userName'),
    of(after, 'displayName'),
    of(after, 'employeeNumber'),
    known.people.of(account)?.directory ?? null,
    source?.kind ?? 'manual',
    source?.connection ?? null,
    event.data.reason,
    changedIn(event),
    ...MOVING_NAMES.flatMap((name) => [of(before, name), of(after, name)]),
    roles?.gained ?? [],
    roles?.lost ?? [],
    roles?.kept ?? [],
    event.type === 'AccountMerged' ? event.data.into : null,
    ...(isLeaving(event) ? leavingCells(event, known) : [null, null, null, null]),
    'evidence' in event.data ? event.data.evidence : (event.metadata.causationId ?? null),
    ...eventCells(event),
  ];
}

/** The profile that an event states; one text where it is erased or withheld, null where it states none. */
function profileIn(event: SealedEvent | undefined): Profile | string | null {
  const { profile } = (event?.data ?? {}) as { readonly profile?: Profile | string };
  return profile ?? null;
}

type Ended = SealedEvent & (SessionsEnded | ApplicationSessionsEnded);

/** The ends of sessions that followed from each leaving, by id of its event, as far as they were known: also after the end of the period. */
function sessionsEndedBy(source: ReportSource, { tenant, knownAt }: Question, leaving: readonly Leaving[]) {
  const byId = new Map(leaving.map((event) => [event.id, event]));
  const asking = leaving.map(({ id, position, data: { account } }) => ({ id, position, account }));
  return effectsOf(source, { tenant, knownAt, asOf: null }, asking, {
    types: ['SessionsEnded', 'ApplicationSessionsEnded'],
    isEffect: (event, { id }) => {
      const one = event as Ended;
      return one.type === 'SessionsEnded'
        ? one.data.signal === byId.get(id)?.metadata.causationId
        : one.data.cause === id;
    },
  });
}

function leavingCells(event: Leaving, { causes, effects }: Known): readonly Cell[] {
  const { id, data, recordedAt, metadata } = event;
  const notice = causes.get(metadata.causationId ?? '') as (SealedEvent & SignalReceived) | undefined;
  const told = notice?.type === 'SignalReceived' ? notice.data.occurredAt : null;
  const signalAt = data.occurredAt ?? told ?? recordedAt;
  const ended = (effects.get(id) ?? []) as readonly Ended[];
  const instants = ended.map((one) => one.data.effectAt).sort();
  return [
    signalAt,
    Math.max(0, Date.parse(recordedAt) - Date.parse(signalAt)),
    ended.reduce((sum, one) => sum + one.data.sessions, 0),
    instants.at(-1) ?? null,
  ];
}

function summaryOf(counts: Counts): Readonly<Record<string, number>> {
  const of = (change: string) => counts[`change.${change}`] ?? 0;
  return {
    joiners: of('joiner'),
    movers: of('mover'),
    leavers: of('leaver'),
    expired: of('expired'),
    returners: of('returner'),
    merged: of('merged'),
  };
}
