import type { SealedEvent } from '#libs/kernel';
import type { Column, ReportRow } from '../../column.js';
import {
  boolean,
  EVENT_COLUMNS,
  eventCells,
  instant,
  integer,
  personal,
  RECORDED_AT,
  text,
} from '../../events/columns.js';
import { eventReport, type Told } from '../../events/event-report.js';
import { peopleOf, unknownAmong } from '../../events/people.js';
import { eventsById } from '../../events/related-events.js';
import { Tally } from '../../histories/tally.js';
import type { Question } from '../../question.js';
import type { Counts, ReportKind, ReportSource } from '../../report-kind.js';
import { latenciesIn } from './latencies.js';
import { TARGET_MS } from './percentiles.js';
import { causeOf, type Effect, type Signal, signalOf } from './signals.js';
import { DEMANDS, type Demand, isDemand, metDemands, mustHaveEffect } from './signals-without-effect.js';

const COLUMNS: readonly Column[] = [
  RECORDED_AT,
  text(
    'effect',
    'What came about: `revoked` or `reduced` grants, `deactivated` account, `sessions-ended` at Gatebook, `application-sessions-ended` at an application; `none` where a decision of a review or a notice of a source was recorded and its effect was not on record, or not as a whole, at the end of the period.',
  ),
  text('account', 'Id of the account.'),
  personal(text('userName', 'User name of the account at the end of the period.')),
  text(
    'code',
    'Why, as the event says; where nothing came about yet, what was asked for; empty where it says nothing.',
  ),
  text('application', 'Application whose sessions ended; empty for other effects.'),
  text(
    'signal',
    'What asked for it: `decision` of a review, `sign-in`, `notice` of a source, `change` of rules, roles or connections, `end` of the time of a grant, `event` otherwise; `call` where it was recorded as soon as somebody called, so that nothing earlier is on record.',
  ),
  text('signalEvent', 'Id of the event that is the signal; empty where it is no event.'),
  instant(
    'signalAt',
    'When the signal was given: for a notice when the source says that it happened, for the end of a grant that end, for a call when it was recorded, otherwise when the signal was recorded.',
  ),
  instant('receivedAt', 'When the notice of the source arrived; empty for other signals.'),
  instant(
    'effectAt',
    'When the effect was there; empty where there is none: when the event was recorded, from which instant on no check of access or of a session passes; for sessions when the last of them had ended.',
  ),
  integer(
    'latencyMs',
    'Milliseconds from the signal to the effect, 0 where the clock of the source is ahead; empty for a `call`, whose signal is its effect, and where there is no effect. A grant whose time is over ceases to count by itself: for `end` it is the time until this was written down and its sessions ended.',
  ),
  boolean(
    'breach',
    'Whether it took longer than the target of 5 minutes, or without an effect had waited longer at the end of the period; empty where no time is measured. The summary counts the one as `breaches` and the other as `breachesWithoutEffect`.',
  ),
  ...EVENT_COLUMNS,
];

/** How long it takes until access is gone that must go. */
export const revocationLatencyReport: ReportKind = eventReport({
  kind: 'revocation-latency',
  version: 1,
  title: 'Time from signal to revocation',
  answers:
    'How long did it take in the period from each signal that access must end to each of its effects, where longer than 5 minutes, and what had none? An end that was set beforehand and came without being written down as a revocation (of grants given by hand for a time, and of accounts) had no signal: access-changes lists the access that ended so, joiners-movers-leavers the accounts.',
  columns: COLUMNS,
  filters: ['account'],
  types: ['AccessRevoked', 'GrantsReduced', 'UserDeactivated', 'SessionsEnded', 'ApplicationSessionsEnded', ...DEMANDS],
  tell,
  summary: async (source, question, { counts }, kept) => ({
    ...(await latenciesIn(revocationLatencyReport, source, question, kept)),
    signalsWithoutEffect: counts[`effect.${NONE}`] ?? 0,
    breachesWithoutEffect: counts['breachesWithoutEffect'] ?? 0,
  }),
});

async function tell(page: readonly SealedEvent[], source: ReportSource, question: Question): Promise<Told[]> {
  const events = page as readonly (Effect | Demand)[];
  const causes = await eventsById(
    source,
    question,
    events.map((event) => (isDemand(event) ? null : causeOf(event))),
  );
  const demands = events.filter(isDemand).filter(mustHaveEffect);
  const met = await metDemands(source, question, demands);
  const people = await peopleOf(
    source,
    question,
    events.flatMap(({ data: { account } }) => account ?? []),
  );
  return events.map((event): Told => {
    const userName = people.of(event.data.account)?.userName ?? null;
    const unknown = unknownAmong(people, [event.data.account]);
    if (!isDemand(event)) return told(rowOf(event, signalOf(event, causes), userName), EFFECT[event.type], unknown);
    if (!mustHaveEffect(event)) return { excluded: 'asksForNothing' };
    if (met.has(event.id)) return { excluded: 'hasItsEffect' };
    return told(rowOfDemand(event, question, userName), NONE, unknown);
  });
}

function told(row: ReportRow, effect: string, unknown: Counts): Told {
  const { counts } = new Tally()
    .addAll(unknown)
    .add(`effect.${effect}`)
    .addIf(row[APPLICATION] !== null, `application.${row[APPLICATION]}`)
    .addIf(row[BREACH] === true, 'flag.breach')
    .addIf(row[BREACH] === true && effect === NONE, 'breachesWithoutEffect');
  return { rows: [row], counts };
}

/** What was asked for and has not come about: it waits on. */
function rowOfDemand(event: Demand, { asOf }: Question, userName: string | null): ReportRow {
  const isDecision = event.type === 'ReviewDecisionRecorded';
  const signalAt = isDecision ? event.recordedAt : event.data.occurredAt;
  return [
    event.recordedAt,
    NONE,
    event.data.account,
    userName,
    isDecision ? event.data.decision : event.data.kind,
    null,
    isDecision ? 'decision' : 'notice',
    event.id,
    signalAt,
    isDecision ? null : event.data.receivedAt,
    null,
    null,
    Date.parse(asOf) - Date.parse(signalAt) > TARGET_MS,
    ...eventCells(event),
  ];
}

function rowOf(event: Effect, signal: Signal, userName: string | null): ReportRow {
  const effectAt = effectAtOf(event);
  const latency = signal.kind === 'call' ? null : Math.max(0, Date.parse(effectAt) - Date.parse(signal.at));
  return [
    event.recordedAt,
    EFFECT[event.type],
    event.data.account,
    userName,
    'code' in event.data ? event.data.code : null,
    event.type === 'ApplicationSessionsEnded' ? event.data.application : null,
    signal.kind,
    signal.event,
    signal.at,
    signal.receivedAt,
    effectAt,
    latency,
    latency === null ? null : latency > TARGET_MS,
    ...eventCells(event),
  ];
}

/** The effect of what has none. */
const NONE = 'none';
const BREACH = COLUMNS.findIndex(({ name }) => name === 'breach');
const APPLICATION = COLUMNS.findIndex(({ name }) => name === 'application');

const EFFECT: Readonly<Record<Effect['type'], string>> = {
  AccessRevoked: 'revoked',
  GrantsReduced: 'reduced',
  UserDeactivated: 'deactivated',
  SessionsEnded: 'sessions-ended',
  ApplicationSessionsEnded: 'application-sessions-ended',
};

function effectAtOf(event: Effect): string {
  const ended = event.type === 'SessionsEnded' || event.type === 'ApplicationSessionsEnded';
  return ended ? event.data.effectAt : event.recordedAt;
}
