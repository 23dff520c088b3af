import type { ElevationPolicy, RoleSettings } from '#libs/contracts';
import { durationMs } from '#libs/kernel';
import type { PolicyInForce } from '../sod/sod-rules.js';
import type { ElevationState } from './elevation.state.js';

/** What a policy offers for a role, the limits of the role taken into account. */
export interface ElevationOffer {
  readonly policy: string;
  readonly policyVersion: number;
  /** The longest that one approval may give, milliseconds: the lesser of what policy and role allow. */
  readonly maxDurationMs: number;
  readonly approvalsNeeded: number;
  readonly breakGlass: boolean;
  /** How long a request waits for an answer, milliseconds. */
  readonly requestValidForMs: number;
}

/** Approvals that a policy needs which does not say: two people stand for what is of high risk. */
const approvalsByRisk = (risk: RoleSettings['risk']): number => (risk === 'high' ? 2 : 1);

/** What a policy offers for a role; null where it is switched off, of another kind, or about other roles. */
export function offerOf(policy: PolicyInForce, role: string, roleSettings: RoleSettings): ElevationOffer | null {
  const { settings } = policy;
  if (!policy.enabled || settings?.kind !== 'elevation' || !settings.roles.includes(role)) return null;
  const { maxDuration, risk } = roleSettings;
  const ofPolicy = durationMs(settings.maxDuration);
  return {
    policy: policy.id,
    policyVersion: policy.version,
    maxDurationMs: maxDuration === null ? ofPolicy : Math.min(ofPolicy, durationMs(maxDuration)),
    approvalsNeeded: settings.approvals ?? approvalsByRisk(risk),
    breakGlass: settings.breakGlass,
    requestValidForMs: durationMs(settings.requestValidFor),
  };
}

/** What is asked for, as far as it decides which policy answers. */
interface Wanted {
  readonly durationMs: number;
  readonly breakGlass: boolean;
}

/**
 * Chooses among the policies that offer a role: the first by id that allows what is asked for, else the first of all, so that a refusal can
 * say what is possible.
 * @returns the offer with the settings that it comes from; null where no policy offers the role
 */
export function offerFor(
  policies: readonly PolicyInForce[],
  role: { readonly id: string; readonly settings: RoleSettings },
  wanted: Wanted,
): { readonly offer: ElevationOffer; readonly settings: ElevationPolicy } | null {
  const offers = policies
    .toSorted((a, b) => (a.id < b.id ? -1 : 1))
    .flatMap((policy) => {
      const offer = offerOf(policy, role.id, role.settings);
      return offer && policy.settings?.kind === 'elevation' ? [{ offer, settings: policy.settings }] : [];
    });
  return offers.find(({ offer }) => allows(offer, wanted)) ?? offers[0] ?? null;
}

/**
 * Whether a request may still be approved under what is offered now: a policy or role that has become stricter since binds who asked before.
 * More approvals and a shorter time than it offers now are no obstacle.
 */
export const stillAllows = (
  { maxDurationMs, approvalsNeeded, breakGlass }: ElevationOffer,
  asked: Pick<ElevationState, 'durationMs' | 'approvalsNeeded' | 'breakGlass'>,
): boolean =>
  asked.durationMs <= maxDurationMs && (asked.breakGlass ? breakGlass : asked.approvalsNeeded >= approvalsNeeded);

const allows = (offer: ElevationOffer, { durationMs: asked, breakGlass }: Wanted): boolean =>
  asked <= offer.maxDurationMs && (offer.breakGlass || !breakGlass);

/**
 * Chooses who is asked: people in order of preference until there are enough, and the fallback where there are too few. Nobody is asked about
 * what they get or asked for themselves.
 * @returns account ids, each once; fewer than `needed` where there are not enough people
 */
export function approversAmong(
  { preferred, fallback }: { readonly preferred: readonly (readonly string[])[]; readonly fallback: readonly string[] },
  { needed, not }: { readonly needed: number; readonly not: readonly (string | null)[] },
): string[] {
  const asked = new Set<string>();
  for (const people of [...preferred, fallback]) {
    if (asked.size >= needed) break;
    for (const account of people) if (!not.includes(account)) asked.add(account);
  }
  return [...asked];
}
