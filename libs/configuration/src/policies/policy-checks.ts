import { catalogue } from '#libs/contracts';
import { durationMs } from '#libs/kernel';
import { isTimeZone } from '../schema-parts.js';
import type { Report } from '../yaml-text.js';
import type { PolicyConfiguration, ReviewConfiguration, ReviewersConfiguration } from './policy.schema.js';
import { reviewersOf, setsOf, stageMs } from './policy-settings-of.js';
import { problemOfSchedule } from './schedule-problem.js';

/** What a policy of a tenant may refer to. */
export interface KnownToPolicies {
  /** Roles of the catalogue with the longest life of a grant by hand; null: no limit. */
  readonly roles: ReadonlyMap<string, { readonly maxDuration: string | null }>;
  readonly applications: ReadonlySet<string>;
  readonly connections: ReadonlySet<string>;
}

type Of<Kind extends PolicyConfiguration['kind']> = Extract<PolicyConfiguration, { readonly kind: Kind }>;

/** Checks what one key of a policy alone cannot show: references, and keys that contradict each other. */
export function checkPolicy(policy: PolicyConfiguration, known: KnownToPolicies, report: Report): void {
  switch (policy.kind) {
    case 'review':
      checkReview(policy, known, report);
      break;
    case 'sod':
      checkSod(policy, known, report);
      break;
    case 'elevation':
      checkElevation(policy, known, report);
      break;
    case 'conformance':
      checkEvent(policy.event, report);
      break;
    default:
      if (NEEDS_TIME.has(policy.kind) && policy.after == null)
        report(['after'], `is missing: without a time everything is ${policy.kind}`);
  }
}

/** Kinds that mean nothing without a time. */
const NEEDS_TIME: ReadonlySet<string> = new Set(['dormant', 'unused']);

function checkReview(policy: ReviewConfiguration, known: KnownToPolicies, report: Report): void {
  if (policy.triggers.length === 0 && policy.schedule === null)
    report([], 'needs triggers or a schedule: nothing would open it');
  twice(policy.triggers, ['triggers'], report);
  checkSchedule(policy, report);
  checkReviewTerms(policy, known, report);
}

/** Checks how a review is held, whatever opens it. */
export function checkReviewTerms(policy: ReviewConfiguration, known: KnownToPolicies, report: Report): void {
  checkScope(policy.scope, known, report);
  checkStages(policy, report);
  checkTimes(policy, report);
  if (policy.carryForward !== null && policy.control !== null)
    report(['carryForward'], 'has no place beside control: a review that is evidence asks everything again');
}

function checkSchedule({ schedule, timeZone }: ReviewConfiguration, report: Report): void {
  const problem = schedule === null ? null : problemOfSchedule(schedule);
  if (problem !== null) report(['schedule'], problem);
  if (timeZone === null) return;
  if (schedule === null) report(['timeZone'], 'has no place without a schedule');
  else if (!isTimeZone(timeZone)) report(['timeZone'], 'must be a time zone such as Europe/Berlin');
}

function checkScope(scope: ReviewConfiguration['scope'], known: KnownToPolicies, report: Report): void {
  const { role, application } = scope;
  if (role !== undefined) knownRole(role, known, ['scope', 'role'], report);
  scope.roles.forEach((name, at) => {
    knownRole(name, known, ['scope', 'roles', at], report);
  });
  const applications = scope.applications.map((name, at) => [name, ['scope', 'applications', at]] as const);
  if (application !== undefined) applications.push([application, ['scope', 'application']] as never);
  for (const [name, path] of applications) {
    if (!known.applications.has(name)) report(path, `${name} is not an application of this tenant`);
  }
  scope.connections.forEach((name, at) => {
    if (!known.connections.has(name))
      report(['scope', 'connections', at], `${name} is not a connection of this tenant`);
  });
}

function checkStages(policy: ReviewConfiguration, report: Report): void {
  const { reviewers, fallback, stages, selfReview } = policy;
  const self = selfReview ? null : 'needs selfReview: true';
  if (stages === undefined && reviewers === undefined) report([], 'needs reviewers, or stages');
  if (stages !== undefined && reviewers !== undefined)
    report(['reviewers'], 'has no place beside stages, which say them');
  if (stages !== undefined && fallback !== undefined) report(['fallback'], 'has no place beside stages, which say it');
  checkReviewers(reviewers ?? [], ['reviewers'], { self }, report);
  stages?.forEach((stage, at) => {
    checkReviewers(stage.reviewers, ['stages', at, 'reviewers'], { self }, report);
  });
}

function checkReviewers(
  reviewers: ReviewersConfiguration,
  path: readonly PropertyKey[],
  { self }: { readonly self: string | null },
  report: Report,
): void {
  reviewersOf(reviewers).forEach(({ kind, principal }, at) => {
    if (kind === 'self' && self !== null) report([...path, at], `self ${self}`);
    if (kind === 'named' && principal === null) report([...path, at], 'named needs principal: who');
    if (kind !== 'named' && principal !== null) report([...path, at], `principal has no place with ${kind}`);
  });
}

/** Whoever is reminded or asked as well must be so while the stage lasts. */
function checkTimes(policy: ReviewConfiguration, report: Report): void {
  const stage = stageMs(policy);
  const inTime = (before: string, path: readonly PropertyKey[]) => {
    if (durationMs(before) >= stage) report(path, 'must be shorter than a stage of the review');
  };
  policy.reminders?.forEach((before, at) => {
    inTime(before, ['reminders', at]);
  });
  if (policy.escalation) inTime(policy.escalation.before, ['escalation', 'before']);
  if (policy.noResponse === 'revoke' && policy.reminders?.length === 0)
    report(['reminders'], 'must not be empty where noResponse is revoke: nobody loses access without a reminder');
}

function checkSod(policy: Of<'sod'>, known: KnownToPolicies, report: Report): void {
  const seen = new Set<string>();
  setsOf(policy).forEach((set, at) => {
    set.forEach((role, index) => {
      const path = typeof policy.roles[at] === 'string' ? ['roles', at] : ['roles', at, index];
      knownRole(role, known, path, report);
      if (seen.has(role)) report(path, `${role} is there twice: it cannot conflict with itself`);
      seen.add(role);
    });
  });
}

function checkElevation(policy: Of<'elevation'>, known: KnownToPolicies, report: Report): void {
  twice(policy.roles, ['roles'], report);
  policy.roles.forEach((role, at) => {
    knownRole(role, known, ['roles', at], report);
    const limit = known.roles.get(role)?.maxDuration ?? null;
    if (limit !== null && durationMs(policy.maxDuration) > durationMs(limit))
      report(['maxDuration'], `must be at most ${limit}, the maxDuration of ${role}`);
  });
  checkReviewers(policy.approvers, ['approvers'], { self: 'has no place here: nobody approves their own' }, report);
}

/** Conditions are on what happens to accounts and at sign-ins. */
function checkEvent(type: string, report: Report): void {
  const category = catalogue.entry(type)?.category;
  if (category !== 'account' && category !== 'signIn')
    report(['event'], `${type} is not a type of event on accounts or sign-ins, such as UserProvisioned`);
}

function knownRole(role: string, known: KnownToPolicies, path: readonly PropertyKey[], report: Report): void {
  if (!known.roles.has(role)) report(path, `${role} is not a role of this tenant`);
}

function twice(values: readonly string[], path: readonly PropertyKey[], report: Report): void {
  values.forEach((value, at) => {
    if (values.indexOf(value) !== at) report([...path, at], `${value} is there twice`);
  });
}
