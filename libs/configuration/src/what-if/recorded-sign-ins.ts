import type { SignedIn, SignInRefused } from '#libs/contracts';
import { fromClaimList, type PresentedIdentity } from '#libs/domain';
import type { RecordedEvent } from '#libs/kernel';
import { recordedIdentity } from '../rules/rule-evaluation.js';

/** Events that tell what somebody presented. */
export const SIGN_IN_EVENTS: ReadonlySet<string> = new Set(['SignedIn', 'SignInRefused']);

/** A sign-in as it was presented, whether or not it was admitted then. */
export interface RecordedSignIn {
  /** Id of the event. */
  readonly event: string;
  readonly at: string;
  /** Null where nobody is known of a refused one. */
  readonly account: string | null;
  readonly presented: PresentedIdentity;
}

/**
 * What was presented at a recorded sign-in or refusal. `unreadable` once its person is erased; null for a refusal of what nobody had
 * verified, or of an account whose sign-in is on record itself.
 */
export function recordedSignIn({ id, recordedAt, ...event }: RecordedEvent): RecordedSignIn | 'unreadable' | null {
  if (event.type === 'SignedIn') {
    const { account, ...data } = event.data as SignedIn['data'];
    const presented = recordedIdentity({ account, ...data });
    return presented ? { event: id, at: recordedAt, account, presented } : 'unreadable';
  }
  const { verified, evidence, account, proof, subject, claims } = event.data as SignInRefused['data'];
  if (!verified || evidence !== null || proof === null || subject === null || claims === null) return null;
  if (!Array.isArray(claims)) return 'unreadable';
  const stated = fromClaimList(claims);
  const presented = {
    subject: { value: stated.get('nameId')?.[0] ?? subject, format: proof.nameIdFormat },
    claims: stated,
    authentication: { context: proof.authnContext, methods: proof.amr },
    groupsOverage: false,
  };
  return { event: id, at: recordedAt, account, presented };
}
