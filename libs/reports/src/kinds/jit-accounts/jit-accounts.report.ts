import type { IdentityLinked, RolesAssigned, SignedIn, UserProvisioned } from '#libs/contracts';
import type { SealedEvent } from '#libs/kernel';
import type { Cell, Column, ReportRow } from '../../column.js';
import { claimTexts } from '../../events/claim-texts.js';
import {
  EVENT_COLUMNS,
  eventCells,
  integer,
  list,
  personal,
  RECORDED_AT,
  sorted,
  text,
  within,
} from '../../events/columns.js';
import { eventReport, type Told } from '../../events/event-report.js';
import { eventsById, sameCommandAs } from '../../events/related-events.js';
import type { Question } from '../../question.js';
import type { ReportKind, ReportSource } from '../../report-kind.js';

type Provisioned = SealedEvent & UserProvisioned;
type Linked = SealedEvent & IdentityLinked;
type SignIn = SealedEvent & SignedIn;

const COLUMNS: readonly Column[] = [
  RECORDED_AT,
  text(
    'did',
    'What the sign-in did: `created`: it made the account; `linked`: a rule joined the identity to an account that was there.',
  ),
  text(
    'linkedBy',
    'The linking rule: `externalId`, `verifiedEmail` or `userName`; empty for accounts that were created.',
  ),
  text('account', 'Id of the account.'),
  personal(text('userName', 'User name that the sign-in gave the account; empty for linked ones.')),
  personal(text('displayName', 'Display name that it gave; empty where it gave none.')),
  personal(text('email', 'E-mail address that it gave; empty where it gave none.')),
  text('directory', 'Directory that the account is in; empty where the sign-in is not on record.'),
  text('connection', 'Connection that the person signed in through.'),
  integer('connectionVersion', 'Version of the connection at that time.'),
  text('protocol', 'Protocol of the connection.'),
  text('issuer', 'Issuer of the assertion.'),
  personal(text('subject', 'What the source calls the person.')),
  text('assertionId', 'Id of the assertion or token.'),
  text('assertionSha256', 'SHA-256 of the verified bytes, hex.'),
  text('certificateSha256', 'SHA-256 of the certificate or key that verified it, hex.'),
  text(
    'authenticatedAt',
    'When the source says that the person authenticated, as it writes it; empty where it does not say.',
  ),
  text('authenticationContext', 'How the source says that the person authenticated; empty where it does not say.'),
  personal(list('claims', 'What the source said about the person, as `name=value`.')),
  list('rules', 'Rules that ran, as `rule@version`, whether or not they matched.'),
  list('matched', 'Those of them that matched; empty also where that was not kept yet.'),
  list('roles', 'Roles that were given at once, as `role (rule@version)`.'),
  text('signInEvent', 'Id of the sign-in that is the evidence; empty where there is none on record.'),
  ...EVENT_COLUMNS,
];

/** What just-in-time provisioning did, and on what evidence. */
export const jitAccountsReport: ReportKind = eventReport({
  kind: 'jit-accounts',
  version: 1,
  title: 'Accounts made just in time',
  answers:
    'Which accounts did sign-ins create or join in the period, on which assertion, with which claims and by which version of which rule?',
  columns: COLUMNS,
  filters: ['account', 'connection'],
  types: ['UserProvisioned', 'IdentityLinked'],
  tell,
});

async function tell(events: readonly SealedEvent[], source: ReportSource, question: Question): Promise<Told[]> {
  const bySignIn = events.filter(isBySignIn);
  const evidence = await eventsById(source, question, bySignIn.map(evidenceOf));
  const together = await sameCommandAs(source, question, bySignIn);
  return events.map((event) => {
    if (!isBySignIn(event)) return { excluded: reasonOf(event) };
    const found = evidence.get(evidenceOf(event) ?? '') as SignIn | undefined;
    const rows = [rowOf(event, found, together.get(event.id) ?? [])] as const;
    return found || evidenceOf(event) === null ? { rows } : { rows, counts: { 'flag.unknownEvidence': 1 } };
  });
}

function reasonOf({ type, data }: SealedEvent): string {
  if (type === 'IdentityLinked') return 'linkedByHand';
  return (data as UserProvisioned['data']).source.kind === 'manual' ? 'createdByHand' : 'createdBySignal';
}

function isBySignIn(event: SealedEvent): event is Provisioned | Linked {
  if (event.type === 'IdentityLinked') return (event as Linked).data.how !== 'manual';
  return (event as Provisioned).data.source.kind === 'signIn';
}

const evidenceOf = ({ data }: Provisioned | Linked): string | null => data.evidence;

function rowOf(event: Provisioned | Linked, signIn: SignIn | undefined, together: readonly SealedEvent[]): ReportRow {
  const made = event.type === 'UserProvisioned' ? event.data : null;
  const proof = signIn?.data.proof;
  return [
    event.recordedAt,
    made ? 'created' : 'linked',
    event.type === 'IdentityLinked' ? event.data.how : null,
    event.data.account,
    profileOf(made, 'userName'),
    profileOf(made, 'displayName'),
    profileOf(made, 'email'),
    made?.directory ?? signIn?.data.directory ?? null,
    signIn?.data.connection ?? connectionOf(event),
    signIn?.data.connectionVersion ?? made?.source.connectionVersion ?? null,
    signIn?.data.protocol ?? made?.source.protocol ?? null,
    proof?.issuer ?? made?.source.issuer ?? null,
    subjectOf(event),
    proof?.assertionId ?? null,
    proof?.assertionSha256 ?? null,
    proof?.certificateSha256 ?? null,
    proof?.authnInstant ?? null,
    proof?.authnContext ?? null,
    claimTexts(made ? made.claims : (signIn?.data.claims ?? null)),
    made?.ruleVersions ?? judged(signIn, () => true),
    judged(signIn, ({ matched }) => matched),
    rolesGiven(together),
    event.data.evidence,
    ...eventCells(event),
  ];
}

const profileOf = (made: UserProvisioned['data'] | null, name: 'userName' | 'displayName' | 'email'): Cell =>
  made ? within(made.profile, (profile) => profile[name]) : null;

const connectionOf = (event: Provisioned | Linked): string | null =>
  event.type === 'IdentityLinked' ? event.data.connection : event.data.source.connection;

const subjectOf = (event: Provisioned | Linked): string | null =>
  event.type === 'IdentityLinked' ? event.data.subject : (event.data.links[0]?.subject ?? null);

type Judgement = SignedIn['data']['judgements'][number];

const judged = (signIn: SignIn | undefined, which: (judgement: Judgement) => boolean): readonly string[] =>
  (signIn?.data.judgements ?? []).filter(which).map(({ rule, version }) => `${rule}@${version}`);

/** In the order of their names: one role may come by several rules. */
function rolesGiven(together: readonly SealedEvent[]): readonly string[] {
  const given = together.filter(({ type }) => type === 'RolesAssigned') as (SealedEvent & RolesAssigned)[];
  return sorted(
    given.flatMap(({ data }) =>
      data.grants.map(({ role, source }) => `${role} (${source.rule}@${source.ruleVersion})`),
    ),
  );
}
