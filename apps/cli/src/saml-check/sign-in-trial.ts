import { admit, type DueRole, type MappedIdentity, mapIdentity, rolesDue, SignInRefusedError } from '#libs/domain';
import { claimsOf, SamlRefusedError, type SamlVerifier, type VerifiedAssertion } from '#libs/federation';
import type { KnownConnection } from './known-connection.js';

/** A captured response. */
export interface CapturedResponse {
  /** Base64. */
  readonly samlResponse: string;
  /** The request that it answers; null when it came unasked. */
  readonly pendingRequestId: string | null;
  /** The instant of the sign-in. */
  readonly now: Date;
}

/** What a sign-in would come to, as far as response and connection decide it; whether there is an account is not asked. */
export interface SignInTrial {
  /** Null when the person would be admitted. */
  readonly refusal: { readonly code: string; readonly message: string } | null;
  /** What was verified; null when nothing was. */
  readonly assertion: {
    readonly issuer: string;
    readonly assertionId: string;
    readonly certificateSha256: string;
    readonly initiatedBy: string;
    readonly nameId: { readonly value: string; readonly format: string | null };
  } | null;
  readonly claims: readonly { readonly name: string; readonly values: readonly string[] }[];
  /** What the connection makes of it; null when it cannot. */
  readonly identity: {
    readonly subject: string;
    readonly profile: Readonly<Record<string, unknown>>;
    readonly emailVerified: boolean;
    /** Null when unknown: then no role would be taken away. */
    readonly groups: readonly string[] | null;
  } | null;
  readonly roles: readonly { readonly role: string; readonly rule: string }[];
}

const NOTHING: SignInTrial = { refusal: null, assertion: null, claims: [], identity: null, roles: [] };

/** Runs a response through the verifier, the mapping, the admission and the rules that sign-ins go through. Changes nothing. */
export async function trySignIn(
  verifier: Pick<SamlVerifier, 'verify'>,
  connection: KnownConnection,
  { samlResponse, pendingRequestId, now }: CapturedResponse,
): Promise<SignInTrial> {
  let trial = NOTHING;
  try {
    const assertion = await verifier.verify({ settings: connection.saml, samlResponse, pendingRequestId, now });
    trial = { ...trial, ...verified(assertion) };
    const { settings, liveRoles, enabled } = connection;
    const identity = mapIdentity(settings, { nameId: assertion.nameId, claims: claimsOf(assertion) });
    trial = { ...trial, identity: shown(identity) };
    if (!enabled) throw new SignInRefusedError('connection-disabled');
    admit(settings, identity);
    const due = rolesDue(settings.rules, identity.groups, settings.groups.attribute, liveRoles);
    return { ...trial, roles: [...due.values()].map(dueRole) };
  } catch (error) {
    if (!(error instanceof SamlRefusedError) && !(error instanceof SignInRefusedError)) throw error;
    return { ...trial, refusal: { code: error.code, message: error.message } };
  }
}

function verified(assertion: VerifiedAssertion): Pick<SignInTrial, 'assertion' | 'claims'> {
  const { issuer, assertionId, certificateSha256, initiatedBy, nameId } = assertion;
  return {
    assertion: { issuer, assertionId, certificateSha256, initiatedBy, nameId },
    claims: [...assertion.attributes].map(([name, values]) => ({ name, values })),
  };
}

function shown({ subject, offered, emailVerified, groups }: MappedIdentity): SignInTrial['identity'] {
  return {
    subject,
    profile: Object.fromEntries(offered),
    emailVerified,
    groups: groups.known ? [...groups.values] : null,
  };
}

const dueRole = ({ role, rule, ruleVersion }: DueRole) => ({ role, rule: `${rule}@${ruleVersion}` });
