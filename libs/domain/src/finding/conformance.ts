import type { ConformancePolicy, ConnectionSettings, Profile } from '#libs/contracts';
import type { Authentication } from '../connection/claims.js';
import { meetsContext } from '../connection/conditions.js';

type Requirement = ConformancePolicy['require'][number];

/** What is known about an event that must conform. */
export interface ConformanceFacts {
  /** Data of the event, in clear. */
  readonly data: unknown;
  /** How the person signed in, for an event that a sign-in led to; null for others. */
  readonly authentication: Authentication | null;
  /** Other names of authentication contexts at the connection of that sign-in. */
  readonly authenticationContexts: ConnectionSettings['authenticationContexts'];
  /** The account's profile right after the event; null where there is no account. */
  readonly profile: Profile | null;
}

/** Most elements of lists that one path looks at. */
const ELEMENTS_MAX = 10_000;

/**
 * Names of the requirements that an event does not meet, in the policy's words (`authenticationContext mfa`, `attribute manager present`, `field a.b`),
 * never a value of the event. What is not on record is not met: an event that no sign-in led to has no authentication context.
 */
export function requirementsUnmet({ require }: Pick<ConformancePolicy, 'require'>, facts: ConformanceFacts): string[] {
  return require.filter((requirement) => !meets(requirement, facts)).map(nameOf);
}

function meets(
  requirement: Requirement,
  { data, authentication, authenticationContexts, profile }: ConformanceFacts,
): boolean {
  if ('authenticationContext' in requirement)
    return (
      authentication !== null && meetsContext(requirement.authenticationContext, authentication, authenticationContexts)
    );
  if ('attribute' in requirement) return isPresent(profile, requirement.attribute) === requirement.present;
  return valuesAt(data, requirement.field.split('.')).includes(requirement.equals);
}

function nameOf(requirement: Requirement): string {
  if ('authenticationContext' in requirement) return `authenticationContext ${requirement.authenticationContext}`;
  if ('attribute' in requirement)
    return `attribute ${requirement.attribute} ${requirement.present ? 'present' : 'absent'}`;
  return `field ${requirement.field}`;
}

/** Whether a profile says anything for an attribute, standard or the operator's own. */
function isPresent(profile: Profile | null, attribute: string): boolean {
  if (profile === null || typeof profile !== 'object') return false;
  const { attributes, ...standard } = profile;
  if (Object.hasOwn(standard, attribute)) return Boolean(standard[attribute as keyof typeof standard]);
  return Object.hasOwn(attributes, attribute) && (attributes[attribute] ?? []).some((value) => value !== '');
}

/** Scalars at a path, as text; of a list, those of every element. */
function valuesAt(data: unknown, [step, ...rest]: readonly string[]): string[] {
  if (Array.isArray(data))
    return data.slice(0, ELEMENTS_MAX).flatMap((each) => valuesAt(each, step === undefined ? [] : [step, ...rest]));
  if (step === undefined) return typeof data === 'object' || data === undefined ? [] : [String(data)];
  if (typeof data !== 'object' || data === null || !Object.hasOwn(data, step)) return [];
  return valuesAt((data as Record<string, unknown>)[step], rest);
}
