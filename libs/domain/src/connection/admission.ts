import type { ConnectionSettings } from '#libs/contracts';
import { SignInRefusedError } from '../sign-in/sign-in-refused.error.js';
import { meetsContext } from './conditions.js';
import { domainOf } from './email-domain.js';
import type { MappedIdentity } from './identity-mapping.js';

/**
 * Checks what a connection asks of everybody: required attributes; where domains are named, an e-mail address inside them that the source
 * does not deny; the group and the authentication needed; that no rule refuses and, where there are rules that allow, one does. What cannot be told because groups are
 * unknown does not admit. Whether somebody without an account may have one is asked elsewhere (`mayCreateAccounts`).
 * @throws {SignInRefusedError} `missing-attribute`, `foreign-domain`, `stronger-authentication-required`, `group-required`,
 * `groups-unknown`, `refused-by-rule` or `not-allowed`, the last three with the rule where there is one
 */
export function admit(settings: ConnectionSettings, identity: MappedIdentity): void {
  requireAttributes(settings, identity);
  requireAuthentication(settings, identity);
  requireGroup(settings, identity);
  refuseByRules(settings, identity);
  requireAllowance(settings, identity);
}

/** Whether a connection makes accounts for people who have none. */
export const mayCreateAccounts = ({ jit, admission }: Pick<ConnectionSettings, 'jit' | 'admission'>): boolean =>
  jit.create && !admission.invitationOnly;

/** What somebody without an account is told by a connection that makes none. */
export const strangerRefused = ({ admission }: Pick<ConnectionSettings, 'admission'>): SignInRefusedError =>
  new SignInRefusedError(admission.invitationOnly ? 'invitation-required' : 'jit-disabled');

function requireAttributes({ jit }: ConnectionSettings, { offered, addressDenied }: MappedIdentity): void {
  const { required, allowedDomains } = jit;
  if (required.some((attribute) => isEmpty(offered.get(attribute)))) throw new SignInRefusedError('missing-attribute');
  if (allowedDomains.length === 0) return;
  const email = offered.get('email');
  const inside = (domain: string) => allowedDomains.some((allowed) => allowed.toLowerCase() === domain);
  if (typeof email !== 'string' || addressDenied || !inside(domainOf(email)))
    throw new SignInRefusedError('foreign-domain');
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || (Array.isArray(value) && value.length === 0);
}

function requireAuthentication({ admission }: ConnectionSettings, identity: MappedIdentity): void {
  const { authentication, authenticationContexts } = identity;
  const wanted = admission.requireAuthenticationContext;
  if (wanted.length === 0) return;
  if (authentication === null || !wanted.some((one) => meetsContext(one, authentication, authenticationContexts)))
    throw new SignInRefusedError('stronger-authentication-required');
}

function requireGroup({ admission }: ConnectionSettings, { groups }: MappedIdentity): void {
  if (admission.requireGroup.length === 0) return;
  if (!groups.known) throw new SignInRefusedError('groups-unknown');
  if (!admission.requireGroup.some((group) => groups.values.has(group))) throw new SignInRefusedError('group-required');
}

/** A rule of which it cannot be told whether it refuses, refuses. */
function refuseByRules({ admission, rules }: ConnectionSettings, identity: MappedIdentity): void {
  admission.refuse.forEach(({ id }, index) => {
    refuseUnless(identity.admission.refuse[index] ?? null, id);
  });
  rules.forEach(({ id, version, refuse }, index) => {
    const judgement = identity.judgements[index];
    if (refuse) refuseUnless(!judgement || judgement.undecided ? null : judgement.matched, `${id}@${version}`);
  });
}

function refuseUnless(holds: boolean | null, rule: string): void {
  if (holds === null) throw new SignInRefusedError('groups-unknown', null, rule);
  if (holds) throw new SignInRefusedError('refused-by-rule', null, rule);
}

function requireAllowance({ admission: { allow } }: ConnectionSettings, { admission }: MappedIdentity): void {
  if (allow.length === 0 || admission.allow.includes(true)) return;
  const open = allow.findIndex((_, index) => (admission.allow[index] ?? null) === null);
  if (open >= 0) throw new SignInRefusedError('groups-unknown', null, allow[open]?.id ?? null);
  throw new SignInRefusedError('not-allowed');
}
