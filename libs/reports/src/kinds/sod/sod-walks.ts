import type { SodConflictPrevented } from '#libs/contracts';
import type { PolicyState } from '#libs/domain';
import type { SealedEvent } from '#libs/kernel';
import { readEventBodies } from '#libs/read-model';
import { whyNotCounting } from '../../histories/account-filter.js';
import type { Opening, Openings } from '../../histories/openings.queries.js';
import { happenedBy, readHistories } from '../../histories/read-histories.js';
import { rowLayout } from '../../histories/row-layout.js';
import { grantsKnown, type StandingGrant, standingGrantsOfRole } from '../../histories/standing-grants.queries.js';
import { Tally } from '../../histories/tally.js';
import { OPENINGS_AT_ONCE, type PartOfOpening, packed, walkOpenings } from '../../histories/walk-openings.js';
import type { Question } from '../../question.js';
import type { ReportSource, RowBatch } from '../../report-kind.js';
import { laterPreventions } from './later-preventions.queries.js';
import { lookAtAccounts, rolesNamed, type SodAccounts } from './sod-accounts.js';
import { SOD_CELLS, type SodLine, type SodStatus } from './sod-cells.js';
import { type HeldConflict, isAbout } from './sod-conflicts.js';
import {
  foldExceptions,
  foldViolation,
  isAccepted,
  isOpen,
  isStanding,
  type ViolationOnRecord,
} from './sod-records.fold.js';

/** What every walk needs: the question, and the policies of segregation of duties in force that it is about. */
export interface SodSetting {
  readonly source: ReportSource;
  readonly question: Question;
  readonly policies: readonly PolicyState[];
}

/** A walk through a part of the report; its bookmarks are its own. */
export type SodWalk = (setting: SodSetting, after: string | null) => AsyncIterable<RowBatch>;

/** How every row of the report is laid out, whichever walk it comes from. */
export const layout = rowLayout(SOD_CELLS);

/** Violations on record, each by its first event. */
export const VIOLATIONS: Openings = { type: 'SodViolationDetected', beginsStream: true };
/** What sign-ins kept back, or stopped to keep back. */
export const PREVENTIONS: Openings = { type: 'SodConflictPrevented' };
/** Exceptions, each by its first event. */
export const EXCEPTIONS: Openings = { type: 'SodExceptionGranted', beginsStream: true };

/**
 * Conflicts that were held, role by role in alphabetical order and in each as the grants were given. A conflict comes with the first of its
 * grants, so it comes once, and only the accounts of some grants are looked at at a time.
 */
export const walkHeld: SodWalk = async function* (setting, after) {
  const { source, question, policies } = setting;
  const roles = rolesNamed(policies);
  const begin = after === null ? null : placeIn(after);
  for (const [index, role] of roles.entries()) {
    if (begin && role < begin.role) continue;
    let last = begin?.role === role ? begin : null;
    for (let more = true; more; ) {
      const grants = await standingGrantsOfRole(source.database, question, {
        role,
        after: last,
        limit: OPENINGS_AT_ONCE,
      });
      const looked = await lookAtAccounts(
        source,
        question,
        policies,
        grants.map(({ account }) => account),
      );
      const progress = (index + 1) / roles.length;
      yield* packed(grants.map((grant) => ({ ...heldBy(setting, looked, grant), bookmark: placeOf(grant), progress })));
      const end = grants.at(-1);
      last = end ? { role, position: end.granted_pos, grant: end.grant } : last;
      more = grants.length === OPENINGS_AT_ONCE;
    }
  }
};

const placeOf = ({ role, granted_pos, grant }: StandingGrant): string => [role, granted_pos, grant].join(' ');

function placeIn(bookmark: string) {
  const [role = '', position, grant = ''] = bookmark.split(' ');
  return { role, position: Number(position), grant };
}

function heldBy({ question }: SodSetting, looked: SodAccounts, grant: StandingGrant) {
  const tally = new Tally().addIf(!looked.accounts.has(grant.account), 'flag.unknownAccount');
  const named = looked.conflicts.get(grant.account)?.filter(({ grants }) => grants[0]?.grant === grant.grant) ?? [];
  const lines = named
    .filter((conflict) => isAskedFor(question, conflict))
    .map((conflict) => lineOf(question, looked, conflict));
  for (const { status, violation } of lines)
    tally.add(`status.${status}`).addIf(violation === null && status !== 'excepted', 'flag.notOnRecord');
  return { rows: lines.map((line) => layout.row(line, question.personal)), counts: tally.counts };
}

const isAskedFor = (
  { filter }: Question,
  { account, roles, policy }: Pick<HeldConflict, 'account' | 'roles'> & { readonly policy: { readonly id: string } },
): boolean =>
  (filter.account ?? account) === account &&
  (filter.policy ?? policy.id) === policy.id &&
  (filter.role === undefined || roles.includes(filter.role));

function lineOf({ asOf }: Question, looked: SodAccounts, conflict: HeldConflict): SodLine {
  const { policy, account, pair, grants, exceptions } = conflict;
  const found = looked.violationOf(conflict);
  const violation = found && isStanding(found) && isAbout(found, conflict) ? found : null;
  return {
    status: statusOf(conflict, violation, asOf),
    policyId: policy.id,
    policy,
    accountId: account,
    account: looked.accounts.get(account),
    conflict,
    violation,
    exception: exceptions.at(-1) ?? null,
    prevented: null,
    since: pair.since.toISOString(),
    event: violation?.event ?? null,
    position: (grants[0] as StandingGrant).granted_pos,
  };
}

function statusOf({ excused }: HeldConflict, violation: SodLine['violation'], asOf: string): SodStatus {
  if (excused) return 'excepted';
  if (violation === null) return 'open';
  if (violation.closedByHand) return 'closedByHand';
  return isAccepted(violation, asOf) ? 'accepted' : 'open';
}

const NOTHING = { conflict: null, violation: null, exception: null, prevented: null } as const;

/** Roles that the last sign-in through a connection kept back. */
export const walkPrevented: SodWalk = (setting, after) => {
  const { source, question } = setting;
  return walkOpenings(source, question, { ...PREVENTIONS, after }, async (page) => {
    const [events, later, looked] = await Promise.all([
      readEventBodies(source, page, question.personal),
      laterPreventions(source.database, question, page),
      lookAtAccounts(
        source,
        question,
        [],
        page.flatMap(({ account }) => account ?? []),
      ),
    ]);
    return (events as readonly (SealedEvent & SodConflictPrevented)[]).map((event) =>
      preventedBy(setting, event, { looked, isLast: !later.has(event.id) }),
    );
  });
};

function preventedBy(
  { question, policies }: SodSetting,
  { id: event, position, recordedAt: since, data }: SealedEvent & SodConflictPrevented,
  { looked, isLast }: { readonly looked: SodAccounts; readonly isLast: boolean },
): PartOfOpening {
  const { account: accountId, conflicts, connection } = data;
  const account = looked.accounts.get(accountId);
  const left = (why: string) => ({ position, rows: [], counts: { [`preventions.excluded.${why}`]: 1 } });
  if (!isLast) return left('superseded');
  if (conflicts.length === 0) return left('nothingKeptBack');
  if (!account) return left('unknownAccount');
  const why = whyNotCounting(account, question.asOf);
  if (why !== null) return left(why);
  const wanted = conflicts.filter(({ policy, held, keptBack }) =>
    isAskedFor(question, {
      account: accountId,
      policy: { id: policy },
      roles: [...held, ...keptBack.map(({ role }) => role)],
    }),
  );
  if (wanted.length === 0) return left('filter');
  const lines = wanted.map((conflict): SodLine => {
    const { policy: policyId } = conflict;
    const policy = policies.find(({ id }) => id === policyId);
    const said = { policyId, policy, accountId, account, prevented: { ...conflict, connection } };
    return { ...NOTHING, ...said, status: 'prevented', since, event, position };
  });
  const tally = new Tally().add('preventions.listed').add('status.prevented', lines.length);
  return { position, rows: lines.map((line) => layout.row(line, question.personal)), counts: tally.counts };
}

/** Exceptions: those that excuse something are on the row of what they excuse, the others have rows of their own. */
export const walkExceptions: SodWalk = (setting, after) => {
  const { source, question, policies } = setting;
  return walkOpenings(source, question, { ...EXCEPTIONS, after }, async (page) => {
    const histories = await historiesOf(setting, page);
    const looked = await lookAtAccounts(
      source,
      question,
      policies,
      page.flatMap(({ account }) => account ?? []),
    );
    return histories.flatMap((events, index) =>
      foldExceptions(events).map((exception): PartOfOpening => {
        // its own position is that of the last granting, behind others that are still to come
        const { position: place } = page[index] as Opening;
        const { position, policy: policyId, account: accountId, sets, grantedAt: since, event } = exception;
        const counted = (name: string) => ({ position: place, rows: [], counts: { [`exceptions.${name}`]: 1 } });
        if (!isAskedFor(question, { account: accountId, policy: { id: policyId }, roles: sets.flat() }))
          return counted('excluded.filter');
        if (!isOpen(exception, question.asOf)) return counted('excluded.ended');
        const named = looked.conflicts.get(accountId)?.filter((each) => isAskedFor(question, each)) ?? [];
        if (named.some(({ policy }) => policy.id === policyId)) return counted('listed');
        const [policy, account] = [policies.find(({ id }) => id === policyId), looked.accounts.get(accountId)];
        const line: SodLine = {
          ...NOTHING,
          status: 'exceptionUnused',
          policyId,
          policy,
          accountId,
          account,
          exception,
          since,
          event,
          position,
        };
        const { counts } = new Tally()
          .add('exceptions.listed')
          .add('status.exceptionUnused')
          .addIf(!account, 'flag.unknownAccount');
        return { position: place, rows: [layout.row(line, question.personal)], counts };
      }),
    );
  });
};

/** Violations on record: they have no rows of their own, but each must be on one, or there is a reason why not. */
export const walkViolations: SodWalk = (setting, after) => {
  const { source, question, policies } = setting;
  return walkOpenings(source, question, { ...VIOLATIONS, after }, async (page) => {
    const violations = (await historiesOf(setting, page)).map(foldViolation);
    const grants = violations.flatMap(({ held }) => held.map(({ grant }) => grant));
    const [looked, known] = await Promise.all([
      lookAtAccounts(
        source,
        question,
        policies,
        violations.map(({ account }) => account),
      ),
      grantsKnown(source.database, question, grants),
    ]);
    return violations.map((violation, index): PartOfOpening => {
      const { account, policy, held } = violation;
      const asked = isAskedFor(question, { account, policy: { id: policy }, roles: held.map(({ role }) => role) });
      const conflict = looked.conflicts
        .get(account)
        ?.find((each) => each.policy.id === policy && isAskedFor(question, each));
      const why = whyNotListed(violation, conflict);
      const tally = new Tally().add('flag.unknownGrant', held.filter(({ grant }) => !known.has(grant)).length);
      tally.add(why === null ? 'violations.listed' : `violations.excluded.${asked ? why : 'filter'}`);
      return { position: (page[index] as Opening).position, rows: [], counts: tally.counts };
    });
  });
};

/** Why no row tells of a violation on record; null where one does. */
function whyNotListed(
  violation: ViolationOnRecord,
  conflict: HeldConflict | undefined,
): 'resolved' | 'notHeld' | 'changed' | null {
  if (!isStanding(violation)) return 'resolved';
  if (!conflict) return 'notHeld';
  return isAbout(violation, conflict) ? null : 'changed';
}

async function historiesOf(
  { source, question }: SodSetting,
  page: readonly Opening[],
): Promise<(readonly SealedEvent[])[]> {
  const streams = page.map(({ stream }) => stream);
  const histories = await readHistories(source, question, streams);
  return streams.map((stream) => happenedBy(histories.get(stream) ?? [], question.asOf));
}
