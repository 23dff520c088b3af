/** What a security event token can say that something follows from. */
export type SignalKind =
  | 'session-revoked'
  | 'credential-change'
  | 'account-disabled'
  | 'account-enabled'
  | 'account-purged'
  | 'identifier-changed';

const CAEP = 'https://schemas.openid.net/secevent/caep/event-type/';
const RISC = 'https://schemas.openid.net/secevent/risc/event-type/';

/** Event types by their URI; all others are accepted and nothing follows from them. */
const KINDS: ReadonlyMap<string, SignalKind> = new Map([
  [`${CAEP}session-revoked`, 'session-revoked'],
  [`${CAEP}credential-change`, 'credential-change'],
  [`${RISC}account-disabled`, 'account-disabled'],
  [`${RISC}account-enabled`, 'account-enabled'],
  [`${RISC}account-purged`, 'account-purged'],
  [`${RISC}identifier-changed`, 'identifier-changed'],
  // the older name of CAEP's, and a demand that means the same to sessions
  [`${RISC}sessions-revoked`, 'session-revoked'],
  [`${RISC}account-credential-change-required`, 'credential-change'],
]);

/** What an event type means here; undefined: nothing. @see OpenID CAEP 1.0 §3, OpenID RISC 1.0 §2 */
export function signalKindOf(eventType: string): SignalKind | undefined {
  return KINDS.get(eventType);
}
