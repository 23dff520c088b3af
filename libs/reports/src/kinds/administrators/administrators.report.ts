import { parseStreamName, type SealedEvent } from '#libs/kernel';
import type { Cell, Column, ReportRow } from '../../column.js';
import { EVENT_COLUMNS, eventCells, list, personal, RECORDED_AT, sorted, text } from '../../events/columns.js';
import { eventReport, type Told } from '../../events/event-report.js';
import { type People, peopleOf, unknownAmong } from '../../events/people.js';
import { eventsById } from '../../events/related-events.js';
import type { Question } from '../../question.js';
import type { ReportKind, ReportSource } from '../../report-kind.js';
import { CONFIGURATION_TYPES } from '../configuration/configuration-types.js';

/** What takes an administrator's rights, besides changing what is set. */
const ADMINISTRATION_TYPES = [
  'UserProvisioned',
  'ProfileUpdated',
  'IdentityLinked',
  'IdentityUnlinked',
  'RolesAssigned',
  'AccessRevoked',
  'RoleWithheld',
  'RoleWithholdingLifted',
  'UserDeactivated',
  'UserReactivated',
  'AccountMerged',
  'AccountAbsorbed',
  'AccessReviewOpened',
  'AccessReviewClosed',
  'AccessReviewSignedOff',
  'FindingAssigned',
  'FindingAccepted',
  'FindingResolved',
  'SodExceptionGranted',
  'SodExceptionEnded',
  'UsageReported',
  'ReportGenerated',
  'AuditRead',
] as const;

const COLUMNS: readonly Column[] = [
  RECORDED_AT,
  text('actorKind', 'Who acted: `account` for a person, `key` for an API key.'),
  text('actor', 'Id of the account or the API key.'),
  personal(text('actorName', 'User name of the person at the end of the period; empty for API keys.')),
  text('action', 'What was done, as the type of the event.'),
  text(
    'object',
    'What it was done to: the category of the stream, such as `account`, `connection`, `apiKey`, `report`.',
  ),
  text('target', 'Id of it.'),
  text('account', 'Id of the account that it concerns; empty where it concerns none.'),
  personal(text('userName', 'User name of that account at the end of the period.')),
  list('roles', 'Roles that it gave, took, withheld or left to be given again; empty otherwise.'),
  list(
    'details',
    'What else the event says of it in short, as `name=value`: settings that changed, rights of a key, files and positions that were read, how often and from when on.',
  ),
  personal(text('reason', 'What was given as the reason; empty where nothing was.')),
  ...EVENT_COLUMNS,
];

/** What administrators and their keys did. */
export const administratorsReport: ReportKind = eventReport({
  kind: 'administrators',
  version: 1,
  title: 'Actions of administrators',
  answers:
    'What did people and API keys do in the period that takes administrative rights: changes, access given and taken by hand, keys, reports and reads of the audit log?',
  columns: COLUMNS,
  ofInstallation: true,
  filters: ['account'],
  types: [...ADMINISTRATION_TYPES, ...CONFIGURATION_TYPES],
  byPeople: true,
  tell,
});

async function tell(events: readonly SealedEvent[], source: ReportSource, question: Question): Promise<Told[]> {
  const causes = await eventsById(
    source,
    question,
    events.filter(isOwn).map(({ metadata }) => metadata.causationId),
  );
  const isBySignIn = (event: SealedEvent) =>
    isOwn(event) && causes.get(event.metadata.causationId ?? '')?.type === 'SignedIn';
  const acts = events.filter((event) => !isBySignIn(event));
  const people = await peopleOf(
    source,
    question,
    acts.flatMap((event) => [accountOf(event), actingAccount(event)]),
  );
  return events.map((event) => {
    if (isBySignIn(event)) return { excluded: 'bySignIn' };
    return { rows: [rowOf(event, people)], counts: unknownAmong(people, [accountOf(event), actingAccount(event)]) };
  });
}

/**
 * Whether somebody did it to their own account. What a sign-in changes is recorded in the name of whoever signs in, because of the sign-in;
 * whatever else people do to their own account, such as giving themselves access in an emergency, is theirs, by hand or through a decision.
 */
const isOwn = (event: SealedEvent): boolean => {
  const { actor } = event.metadata;
  return actor.kind === 'account' && actor.id === accountOf(event);
};

/** What any of these events may say. */
interface MaySay {
  readonly account?: string | null;
  readonly role?: string;
  readonly grants?: readonly { readonly role: string }[];
  readonly reason?: string | null;
}

const accountOf = ({ data }: SealedEvent): string | null => (data as MaySay).account ?? null;
const actingAccount = ({ metadata: { actor } }: SealedEvent): string | null =>
  actor.kind === 'account' ? actor.id : null;

function rowOf(event: SealedEvent, people: People): ReportRow {
  const { actor } = event.metadata;
  const { category, id } = parseStreamName(event.stream);
  const { reason } = event.data as MaySay;
  const account = accountOf(event);
  const nameOf = (account: string | null): Cell => people.of(account)?.userName ?? null;
  return [
    event.recordedAt,
    actor.kind,
    actor.id,
    nameOf(actingAccount(event)),
    event.type,
    category,
    id,
    account,
    nameOf(account),
    rolesIn(event.data as MaySay),
    detailsOf(event.data as Readonly<Record<string, unknown>>),
    reason ?? null,
    ...eventCells(event),
  ];
}

const rolesIn = ({ role, grants }: MaySay): readonly string[] =>
  sorted([...(grants ?? []).map((grant) => grant.role), ...(role === undefined ? [] : [role])]);

/** What is told of an event in short: none of it is personal. */
const TOLD = [
  'changed',
  'code',
  'decision',
  'until',
  'expiresAt',
  'scopes',
  'kind',
  'area',
  'target',
  'what',
  'report',
  'file',
  'after',
  'through',
  'reads',
  'since',
  'personal',
  'rows',
  'complete',
  'version',
  'asOf',
  'from',
  'into',
  'via',
  'by',
  'how',
  'connection',
  'policy',
  'review',
  'hash',
] as const;

const detailsOf = (data: Readonly<Record<string, unknown>>): readonly string[] =>
  TOLD.flatMap((name) => {
    const value = data[name];
    if (value === undefined || value === null || (Array.isArray(value) && value.length === 0)) return [];
    return [`${name}=${Array.isArray(value) ? value.join(', ') : String(value)}`];
  });
