import type { PolicySettings, Reviewer, ReviewPolicy, ReviewScope, SodPolicy, WatchPolicy } from '#libs/contracts';
import { durationMs } from '#libs/kernel';
import {
  type PolicyConfiguration,
  REVIEWER_PARTS,
  type ReviewConfiguration,
  type ReviewersConfiguration,
} from './policy.schema.js';

type Of<Kind extends PolicyConfiguration['kind']> = Extract<PolicyConfiguration, { readonly kind: Kind }>;

/** Half of the way to a decision is early enough to be reminded of it. */
const REMINDER = 'P2D';
const REMINDER_NEEDS_MS = durationMs('P4D');
const ESCALATION = 'P1D';
/** Most people of one list of principals. */
const PRINCIPALS_MAX = 20;
/** Accounts whose groups stay unknown are not waited for longer than this. */
const UNKNOWN_GROUPS_AFTER = 'P14D';

/** A policy's part of a configuration as the settings that are recorded: short forms written out, every default filled in. Pure. */
export function policySettingsOf(policy: PolicyConfiguration): PolicySettings {
  switch (policy.kind) {
    case 'review':
      return reviewOf(policy);
    case 'sod':
      return { kind: policy.kind, roles: setsOf(policy), mode: policy.mode, owner: policy.owner };
    case 'elevation': {
      const { id: _id, enabled: _enabled, approvers, ...settings } = policy;
      return { ...settings, approvers: reviewersOf(approvers) };
    }
    case 'conformance': {
      const { id: _id, enabled: _enabled, ...settings } = policy;
      return settings;
    }
    default:
      return watchOf(policy);
  }
}

/** How long one stage of a review lasts, in milliseconds. */
export const stageMs = ({ due, stages = [] }: Pick<ReviewConfiguration, 'due' | 'stages'>): number =>
  Math.floor(durationMs(due) / Math.max(1, stages.length));

/** Sets of roles, one role being a set as well. */
export const setsOf = ({ roles }: Pick<Of<'sod'>, 'roles'>): SodPolicy['roles'] =>
  roles.map((set) => (typeof set === 'string' ? [set] : set));

/** Who is asked: a word that is no part is a person. */
export const reviewersOf = (reviewers: ReviewersConfiguration): Reviewer[] =>
  reviewers.map((reviewer) => {
    if (typeof reviewer !== 'string') return reviewer;
    const part = REVIEWER_PARTS.find((name) => name === reviewer);
    return part ? { kind: part, principal: null } : { kind: 'named', principal: reviewer };
  });

function reviewOf(policy: ReviewConfiguration): ReviewPolicy {
  const { id: _id, enabled: _enabled, reviewers = [], fallback = [], ...settings } = policy;
  const stages = (policy.stages ?? [{ reviewers, fallback }]).map((stage) => ({
    reviewers: reviewersOf(stage.reviewers),
    fallback: stage.fallback,
  }));
  return {
    ...settings,
    stages,
    scope: scopeOf(policy.scope),
    reminders: policy.reminders ?? remindersOf(policy),
    escalation: policy.escalation === undefined ? escalationOf(policy, stages) : policy.escalation,
  };
}

function scopeOf({ role, application, ...scope }: ReviewConfiguration['scope']): ReviewScope {
  return {
    ...scope,
    roles: [...new Set([...(role === undefined ? [] : [role]), ...scope.roles])],
    applications: [...new Set([...(application === undefined ? [] : [application]), ...scope.applications])],
  };
}

/** Silence that revokes has to be warned of, however short the time. */
function remindersOf(policy: ReviewConfiguration): string[] {
  const stage = stageMs(policy);
  if (stage > REMINDER_NEEDS_MS) return [REMINDER];
  return policy.noResponse === 'revoke' ? [inSeconds(stage / 2)] : [];
}

/** What is kept because nobody answered was at least asked of somebody else. */
function escalationOf(policy: ReviewConfiguration, stages: ReviewPolicy['stages']): ReviewPolicy['escalation'] {
  const to = [...new Set(stages.flatMap(({ fallback }) => fallback))].slice(0, PRINCIPALS_MAX);
  if (policy.noResponse !== 'keep' || to.length === 0) return null;
  const stage = stageMs(policy);
  return { before: stage > durationMs(ESCALATION) ? ESCALATION : inSeconds(stage / 4), to };
}

/** A second at least: a duration of nothing is none. */
const inSeconds = (ms: number): string => `PT${Math.max(1, Math.floor(ms / 1000))}S`;

function watchOf({ id: _id, enabled: _enabled, ...settings }: Of<WatchPolicy['kind']>): WatchPolicy {
  const after = settings.after ?? (settings.kind === 'unknownGroups' ? UNKNOWN_GROUPS_AFTER : null);
  return { ...settings, after };
}
