import type {
  AccessRevoked,
  GrantsReduced,
  ReviewDecisionRecorded,
  RoleWithheld,
  UserDeactivated,
} from '#libs/contracts';
import type { SealedEvent } from '#libs/kernel';
import type { RoleAsOf } from '#libs/read-model';
import { rolesAsOf } from '#libs/read-model';
import type { Cell, ReportRow } from '../../column.js';
import { eventCells } from '../../events/columns.js';
import { eventReport, type Told } from '../../events/event-report.js';
import { type GrantOrigin, heldGrants, originsOf } from '../../events/held-grants.queries.js';
import { type People, peopleOf, unknownAmong } from '../../events/people.js';
import { eventsById } from '../../events/related-events.js';
import { countEndedAccounts } from '../../histories/ended-accounts.queries.js';
import { grantPopulation } from '../../histories/grant-population.js';
import type { Question } from '../../question.js';
import type { Counts, Population, ReportKind, ReportSource } from '../../report-kind.js';
import { countGrantsEnded, countGrantsEndedByTime } from './grants-ended.queries.js';
import { REVOCATIONS_COLUMNS } from './revocations.columns.js';

/** Everything that took access from people, grant by grant. */
export const revocationsReport: ReportKind = eventReport({
  kind: 'revocations',
  version: 1,
  title: 'Revocations',
  answers:
    'Which access was taken back, reduced, withheld or suspended in the period, why, and by whom? An end that was set beforehand and came without being written down as a revocation (of grants given by hand for a time, and of accounts) is only counted here: access-changes lists the access that ended so, joiners-movers-leavers the accounts.',
  columns: REVOCATIONS_COLUMNS,
  filters: ['account', 'role', 'application'],
  types: ['AccessRevoked', 'GrantsReduced', 'RoleWithheld', 'UserDeactivated'],
  tell,
  population,
  summary: endedByTime,
});

type Ending = SealedEvent & (AccessRevoked | GrantsReduced | RoleWithheld | UserDeactivated);
type Decision = SealedEvent & ReviewDecisionRecorded;

/** One grant, or one role without a grant, that an event takes. */
interface Taken {
  readonly grant: string | null;
  readonly role: string;
}

/** What the rows of a page are told from. */
interface Known {
  readonly people: People;
  readonly roles: ReadonlyMap<string, RoleAsOf>;
  readonly origins: ReadonlyMap<string, GrantOrigin>;
  readonly evidence: ReadonlyMap<string, SealedEvent>;
}

async function tell(page: readonly SealedEvent[], source: ReportSource, question: Question): Promise<Told[]> {
  const events = page as readonly Ending[];
  const takenBy = await takenByEach(events, source, question);
  const all = events.flatMap((event) => takenBy.get(event.id) ?? []);
  const roles = [...new Set(all.map(({ role }) => role))];
  const grants = all.flatMap(({ grant }) => (grant === null ? [] : [grant]));
  const known: Known = {
    people: await peopleOf(
      source,
      question,
      events.map(({ data }) => data.account),
    ),
    roles: await rolesAsOf(source.database, question, roles),
    origins: await originsOf(source.database, question, grants),
    evidence: await eventsById(source, question, events.map(evidenceOf)),
  };
  return events.map((event) => toldOf(event, takenBy.get(event.id) ?? [], { known, question }));
}

/** A deactivation takes whatever the account held, although no grant ends. */
async function takenByEach(
  events: readonly Ending[],
  { database }: ReportSource,
  { tenant }: Question,
): Promise<ReadonlyMap<string, readonly Taken[]>> {
  const suspensions = events.filter(({ type }) => type === 'UserDeactivated');
  const moments = suspensions.map(({ data, recordedAt, position }) => ({
    account: data.account,
    at: recordedAt,
    position,
  }));
  const held = Map.groupBy(await heldGrants(database, tenant, moments), ({ position }) => position);
  return new Map(events.map((event) => [event.id, namedIn(event) ?? held.get(event.position) ?? []]));
}

function namedIn(event: Ending): readonly Taken[] | null {
  if (event.type === 'UserDeactivated') return null;
  if (event.type === 'RoleWithheld') return [{ grant: null, role: event.data.role }];
  return event.data.grants.map(({ id, role }) => ({ grant: id, role }));
}

function toldOf(
  event: Ending,
  taken: readonly Taken[],
  { known, question }: { readonly known: Known; readonly question: Question },
): Told {
  const { role, application } = question.filter;
  if (taken.length === 0) return { excluded: 'accountHeldNothing' };
  const asked = taken.filter(
    (one) =>
      (role === undefined || one.role === role) &&
      (application === undefined || isOf(application, known.roles.get(one.role))),
  );
  const [first, ...more] = asked.map((one) => rowOf(event, one, known));
  const counts = { ...countsOf(event, asked, known), ...unknownAmong(known.people, [event.data.account]) };
  return first ? { rows: [first, ...more], counts } : { excluded: 'otherRoles' };
}

/** Of a role that the catalogue lacks nobody can say that it is of another application. */
const isOf = (application: string, role: RoleAsOf | undefined): boolean =>
  role === undefined || role.application === application;

function rowOf(event: Ending, { grant, role }: Taken, known: Known): ReportRow {
  const { data, recordedAt } = event;
  const origin = grant === null ? undefined : known.origins.get(grant);
  const named = known.roles.get(role);
  return [
    recordedAt,
    WHAT[event.type],
    data.account,
    known.people.of(data.account)?.userName ?? null,
    grant,
    role,
    named?.name ?? null,
    named?.application ?? null,
    named?.privileged ?? null,
    event.type === 'AccessRevoked' ? event.data.code : CODE[event.type],
    effectiveAtOf(event),
    data.reason,
    ...evidenceCells(evidenceOf(event), known.evidence),
    origin?.source_kind ?? null,
    origin?.source_connection ?? null,
    origin?.source_rule ?? null,
    origin?.source_rule_version ?? null,
    origin?.valid_from.toISOString() ?? null,
    origin?.granted_event ?? null,
    ...eventCells(event),
  ];
}

const WHAT: Readonly<Record<Ending['type'], string>> = {
  AccessRevoked: 'revoked',
  GrantsReduced: 'reduced',
  RoleWithheld: 'withheld',
  UserDeactivated: 'suspended',
};

const CODE: Readonly<Record<Exclude<Ending['type'], 'AccessRevoked'>, string>> = {
  GrantsReduced: 'reduced',
  RoleWithheld: 'withheld',
  UserDeactivated: 'deactivated',
};

function effectiveAtOf(event: Ending): string {
  if (event.type === 'AccessRevoked') return event.data.effectiveAt;
  if (event.type === 'GrantsReduced') return event.data.until;
  return (event.type === 'RoleWithheld' ? event.data.from : null) ?? event.recordedAt;
}

/** A decision, a sign-in, a change; for what follows from a notice of a source, that notice. */
function evidenceOf(event: Ending): string | null {
  if (event.type === 'AccessRevoked') return event.data.evidence ?? event.metadata.causationId ?? null;
  if (event.type === 'UserDeactivated') return event.metadata.causationId ?? null;
  return event.data.decision;
}

function evidenceCells(id: string | null, events: ReadonlyMap<string, SealedEvent>): readonly Cell[] {
  const evidence = id === null ? undefined : events.get(id);
  if (evidence?.type !== 'ReviewDecisionRecorded') return [id, evidence?.type ?? null, null, null, null];
  const { review, item, by } = (evidence as Decision).data;
  return [id, evidence.type, review, item, by ?? 'policy'];
}

function countsOf({ type }: Ending, taken: readonly Taken[], { roles, origins }: Known): Counts {
  const counts: Record<string, number> = {};
  const count = (name: string) => {
    counts[name] = (counts[name] ?? 0) + 1;
  };
  for (const { grant, role } of taken) {
    const application = roles.get(role)?.application;
    count(application === undefined ? 'flag.unknownRole' : `application.${application}`);
    if (grant !== null && !origins.has(grant)) count('flag.unknownGrant');
    count(`rows.${WHAT[type]}`);
  }
  return counts;
}

/** Grants that ended: each must have a row, unless a condition on roles leaves some out; and those that were held when accounts were suspended. */
async function population(
  source: ReportSource,
  question: Question,
  { counts }: { readonly counts: Counts },
): Promise<readonly Population[]> {
  const { role, application } = question.filter;
  const held = await grantPopulation(source, question);
  if (role !== undefined || application !== undefined) return held;
  const recorded = await countGrantsEnded(source.database, question);
  return [...held, { of: 'grants ended', recorded, listed: counts['rows.revoked'] ?? 0, excluded: {} }];
}

/** How much ended without an event. Of accounts there is no number where only some roles are asked about. */
async function endedByTime({ database }: ReportSource, question: Question): Promise<Readonly<Record<string, Cell>>> {
  const { role, application } = question.filter;
  const byRole = await countGrantsEndedByTime(database, question);
  const roles = await rolesAsOf(database, question, [...byRole.keys()]);
  const asked = [...byRole].filter(([id]) => application === undefined || isOf(application, roles.get(id)));
  const everything = role === undefined && application === undefined;
  return {
    grantsEndedByTime: asked.reduce((sum, [, ended]) => sum + ended, 0),
    accountsEndedByTime: everything ? await countEndedAccounts(database, question) : null,
  };
}
