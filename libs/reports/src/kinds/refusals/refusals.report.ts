import type { ApplicationSignInRefused, SignInRefused } from '#libs/contracts';
import type { SealedEvent } from '#libs/kernel';
import type { Column, ReportRow } from '../../column.js';
import { claimTexts } from '../../events/claim-texts.js';
import {
  boolean,
  EVENT_COLUMNS,
  eventCells,
  instant,
  integer,
  list,
  personal,
  RECORDED_AT,
  text,
  within,
} from '../../events/columns.js';
import { eventReport, type Told } from '../../events/event-report.js';
import type { Counts, ReportKind } from '../../report-kind.js';

type Refusal = SealedEvent & SignInRefused;
type ApplicationRefusal = SealedEvent & ApplicationSignInRefused;

const COLUMNS: readonly Column[] = [
  RECORDED_AT,
  text(
    'at',
    'Where: `gatebook` where the sign-in itself was refused; `application` where a person who was signed in was not let in to an application.',
  ),
  text('code', 'Why, as a stable code.'),
  text(
    'rule',
    'The rule of admission that turned the person away, as `rule@version` or its id; empty where no rule did.',
  ),
  text('connection', 'The connection that the person came through; empty where the request named none.'),
  integer(
    'connectionVersion',
    'Version of the connection at that time; empty without a connection, and for applications.',
  ),
  text('application', 'The application that did not let the person in; empty for the sign-in itself.'),
  boolean(
    'verified',
    'Whether the assertion carried a valid signature; true for applications, whose people are signed in.',
  ),
  integer(
    'requests',
    'How many requests this row stands for: unverified ones beyond the first ten a minute are counted together.',
  ),
  instant('firstAt', 'When the first of them came.'),
  instant('lastAt', 'When the last of them came.'),
  text('account', 'Id of the account concerned; empty where none is known.'),
  personal(
    text(
      'subject',
      'What the source called the person; empty where nothing was verified, `[erased]` after the time of retention.',
    ),
  ),
  personal(list('claims', 'What the source said about the person, as `name=value`; empty where nothing was verified.')),
  personal(text('address', 'Network address that the request came from; empty where it is not kept.')),
  personal(text('userAgent', 'Browser that the request came from, as it calls itself; empty where it is not kept.')),
  text('issuer', 'Issuer of the assertion; empty where nothing was verified.'),
  text('assertionId', 'Id of the assertion or token; empty where nothing was verified.'),
  text(
    'certificateSha256',
    'SHA-256 of the certificate or key that verified it, hex; empty where nothing was verified.',
  ),
  text(
    'signInEvent',
    'Id of the sign-in that the refusal takes back, or by which the person was signed in; empty without one.',
  ),
  ...EVENT_COLUMNS,
];

/** Everybody who was turned away, and why. */
export const refusalsReport: ReportKind = eventReport({
  kind: 'refusals',
  version: 1,
  title: 'Refused sign-ins',
  answers: 'Who was turned away in the period, at the sign-in or by an application, and for which reason?',
  columns: COLUMNS,
  ofInstallation: true,
  filters: ['account', 'connection'],
  types: ['SignInRefused', 'ApplicationSignInRefused'],
  tell: async (events) => events.map(tell),
  summary: async (_source, _question, { counts }) => summaryOf(counts),
});

function tell(event: SealedEvent): Told {
  const refused = event.type === 'SignInRefused';
  const row = refused ? atSignIn(event as Refusal) : atApplication(event as ApplicationRefusal);
  const { code, count } = event.data as { readonly code: string; readonly count?: number };
  const application = refused ? {} : { [`application.${(event as ApplicationRefusal).data.application}`]: 1 };
  return { rows: [row], counts: { [`${CODE}${code}`]: count ?? 1, ...application } };
}

function atSignIn(event: Refusal): ReportRow {
  const { data } = event;
  return [
    event.recordedAt,
    'gatebook',
    data.code,
    data.rule,
    data.connection,
    data.connectionVersion,
    null,
    data.verified,
    data.count,
    data.from,
    data.to,
    data.account,
    data.subject,
    claimTexts(data.claims),
    within(data.client, ({ address }) => address),
    within(data.client, ({ userAgent }) => userAgent),
    data.proof?.issuer ?? null,
    data.proof?.assertionId ?? null,
    data.proof?.certificateSha256 ?? null,
    data.evidence,
    ...eventCells(event),
  ];
}

function atApplication(event: ApplicationRefusal): ReportRow {
  const { data, recordedAt } = event;
  const nothing = [null, null, null, null] as const;
  const unproved = [null, null, null] as const;
  return [
    recordedAt,
    'application',
    data.code,
    null,
    data.connection,
    null,
    data.application,
    true,
    1,
    recordedAt,
    recordedAt,
    data.account,
    ...nothing,
    ...unproved,
    data.signIn,
    ...eventCells(event),
  ];
}

const CODE = 'code.';

function summaryOf(counts: Counts): Readonly<Record<string, number>> {
  const codes = Object.entries(counts).filter(([name]) => name.startsWith(CODE));
  const sorted = codes.sort(([one], [other]) => (one < other ? -1 : 1));
  return {
    requests: codes.reduce((sum, [, count]) => sum + count, 0),
    ...Object.fromEntries(sorted.map(([name, count]) => [`requests ${name.slice(CODE.length)}`, count])),
  };
}
