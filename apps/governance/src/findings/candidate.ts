import { v5 as uuidv5 } from 'uuid';
import type { FindingKind, FindingRaised } from '#libs/contracts';

/** Namespace of the ids of findings (uuid v5). Fixed for good. */
const FINDINGS = '8f1c5f0a-2d54-5c0e-9f0b-7d6a1e4b9c35';

/** Something that stands out, before anybody knows whether it is news. */
export interface Candidate {
  readonly code: string;
  readonly account?: string;
  readonly grant?: string;
  readonly role?: string;
  readonly connection?: string;
  /** Id of the event that shows it. */
  readonly event?: string;
  /** Since when, ISO-8601 UTC with milliseconds. */
  readonly since?: string;
  readonly details?: FindingRaised['data']['details'];
  /** What else tells it from others of its code, account, grant and connection; never what identifies a person. */
  readonly about?: string;
}

/** Whose finding something is: the policy that asks for it, or none for what is looked after without one. */
export interface FindingOf {
  readonly tenant: string;
  readonly kind: FindingKind;
  readonly policy: { readonly id: string; readonly version: number } | null;
}

/** The same thing found again is the same finding, whoever finds it and however often. */
export function findingIdOf({ tenant, kind, policy }: FindingOf, candidate: Candidate): string {
  const { code, account, grant, connection, about } = candidate;
  return uuidv5(JSON.stringify([tenant, kind, code, policy?.id, account, grant, connection, about]), FINDINGS);
}
