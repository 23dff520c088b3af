import { type CompactToken, isExactText, parseToken, textClaim, timeClaim, tokenIdOf } from '../jwt/compact-token.js';
import { IssuerKeys } from '../jwt/issuer-keys.js';
import {
  ageCheck,
  audiencesOf,
  check,
  expiringAfter,
  headerChecks,
  issuerCheck,
  refuseUnlessPassed,
  type TokenCheck,
  timeChecks,
} from '../jwt/token-checks.js';
import { checkSignature } from '../jwt/token-signature.js';
import { evidenceOf } from '../oidc/id-token.js';
import { OidcSettingsError, wrongAlgorithms, wrongSkew, wrongText, wrongUrl } from '../oidc/oidc-settings.js';
import type { AllowHttp } from '../oidc/provider-metadata.js';
import { CLOCK_SKEW_MAX_SECONDS } from '../saml/saml-settings.js';
import { type SignalKind, signalKindOf } from './signal-kinds.js';
import { isMembers, readSignalSubject, type SignalSubject } from './signal-subject.js';

/** What Gatebook has to know of whoever sends security event tokens. */
export interface SignalSettings {
  /** Id of the connection. */
  readonly connection: string;
  /** `iss`, letter by letter. */
  readonly issuer: string;
  readonly jwksUri: string;
  /** One of these has to be among a token's audiences. */
  readonly audiences: readonly string[];
  readonly algorithms: readonly string[];
  /** Tolerance between the two clocks, 0 to 600 s. */
  readonly clockSkewSeconds: number;
  /** Issuers whose `sub` is what the connection knows people by. */
  readonly subjectIssuers: readonly string[];
}

/** A day: a transmitter that could not deliver for longer has nothing to say that still helps. */
export const SECURITY_EVENT_AGE_MAX_SECONDS = 86_400;
/** Events of one token. */
const EVENTS_MAX = 10;
const TYPE = 'secevent+jwt';

/** One thing that happened to one person. */
export interface SecurityEvent {
  readonly kind: SignalKind;
  readonly subject: SignalSubject;
  /** When, as the source says, ISO-8601 UTC; never later than the token was made. */
  readonly occurredAt: string;
}

/** A security event token that passed every check. */
export interface VerifiedSecurityEvents {
  readonly issuer: string;
  /** Unique per issuer; to be remembered until `notOnOrAfter`. */
  readonly tokenId: string;
  /** RFC 7638 thumbprint (SHA-256, hex) of the key that signed it. */
  readonly keySha256: string;
  /** Those from which something follows; empty for a verification of the stream, and for events of other types. */
  readonly events: readonly SecurityEvent[];
  readonly notOnOrAfter: string;
}

/** What the verifier works with. */
export interface SecurityEventVerifierOptions {
  /** Reads key sets, and decides where requests may go. */
  readonly fetch: typeof fetch;
  /** Addresses for which plain HTTP will do. Default: none. */
  readonly allowHttp?: AllowHttp;
}

/** Verifies security event tokens (RFC 8417). One instance per process; it remembers published keys only. Replay is the caller's to see. */
export class SecurityEventVerifier {
  readonly #keys: IssuerKeys;
  readonly #allowHttp: AllowHttp;

  constructor({ fetch, allowHttp = () => false }: SecurityEventVerifierOptions) {
    this.#keys = new IssuerKeys(fetch);
    this.#allowHttp = allowHttp;
  }

  /**
   * Verifies one token: type, algorithm, a published key of the issuer, audience, age, and that it names itself and an event.
   * @throws {OidcRefusedError} when it is not accepted; `verified` says whether its signature was valid
   * @throws {OidcSettingsError} {ProviderUnreachableError} {ProviderMetadataError}
   */
  async verify(raw: string, settings: SignalSettings, now: Date): Promise<VerifiedSecurityEvents> {
    checkSignalSettings(settings, this.#allowHttp);
    const token = parseToken(raw);
    const source = this.#keys.of(settings.connection, settings.jwksUri, now);
    const { check: signature, keySha256 } = await checkSignature(token, settings.algorithms, source);
    const evidence = keySha256 ? evidenceOf(token, keySha256) : null;
    refuseUnlessPassed([...checksOf(token, settings, now, signature)], evidence);
    return read(token, settings, keySha256 ?? '');
  }
}

/**
 * Checks settings before anything relies on them.
 * @throws {OidcSettingsError} naming the connection, the setting and the rule
 */
export function checkSignalSettings(settings: SignalSettings, allowHttp: AllowHttp = () => false): void {
  const { audiences, jwksUri } = settings;
  const wrong =
    wrongText('signals.issuer', settings.issuer) ??
    wrongUrl('signals.jwksUri', jwksUri) ??
    (new URL(jwksUri).protocol === 'https:' || allowHttp(new URL(jwksUri))
      ? undefined
      : 'signals.jwksUri must be an https URL.') ??
    (audiences.length > 0 ? undefined : 'signals.audiences must not be empty.') ??
    wrongAlgorithms(settings.algorithms) ??
    wrongSkew(settings.clockSkewSeconds);
  if (wrong) throw new OidcSettingsError(`Connection ${settings.connection}: ${wrong}`);
}

function checksOf(token: CompactToken, settings: SignalSettings, now: Date, signature: TokenCheck): TokenCheck[] {
  const clock = { now, skewSeconds: settings.clockSkewSeconds };
  return [
    typeCheck(token),
    ...headerChecks(token, [TYPE], settings.algorithms),
    signature,
    issuerCheck(token, settings.issuer),
    audienceCheck(token, settings.audiences),
    // tokens of this type have no end of their own (Shared Signals Framework 1.0 §4.1.7)
    ...timeChecks(expiringAfter(token, SECURITY_EVENT_AGE_MAX_SECONDS), clock),
    ageCheck(token, clock, SECURITY_EVENT_AGE_MAX_SECONDS),
    eventsCheck(token),
    check(
      'token id',
      isExactText(textClaim(token.claims, 'jti')),
      'missing-token-id',
      'The token has to have an id of its own (jti).',
    ),
  ];
}

/** Here the type has to be there: an ID token or an assertion of the same issuer must not pass for an event (RFC 8417 §4). */
function typeCheck({ header }: CompactToken): TokenCheck {
  return check('type', header['typ'] !== undefined, 'unsupported-token-type', `The token has to be of type ${TYPE}.`);
}

function audienceCheck(token: CompactToken, expected: readonly string[]): TokenCheck {
  const passed = audiencesOf(token).some((audience) => typeof audience === 'string' && expected.includes(audience));
  return check(
    'audience',
    passed,
    'wrong-audience',
    `The token has to be for this receiver (aud): ${expected.join(' or ')}.`,
  );
}

function eventsCheck({ claims }: CompactToken): TokenCheck {
  const { events } = claims;
  const payloads = isMembers(events) ? Object.values(events) : [];
  const passed = payloads.length >= 1 && payloads.length <= EVENTS_MAX && payloads.every(isMembers);
  return check(
    'events',
    passed,
    'malformed-claim',
    `The token has to say what happened (events), 1 to ${EVENTS_MAX} things.`,
  );
}

function read(token: CompactToken, settings: SignalSettings, keySha256: string): VerifiedSecurityEvents {
  const { claims } = token;
  const made = timeClaim(claims, 'iat') ?? 0;
  const last = made + (SECURITY_EVENT_AGE_MAX_SECONDS + CLOCK_SKEW_MAX_SECONDS) * 1000;
  return {
    issuer: settings.issuer,
    tokenId: tokenIdOf(textClaim(claims, 'jti') ?? ''),
    keySha256,
    events: eventsOf(claims, settings, made),
    notOnOrAfter: new Date(last).toISOString(),
  };
}

function eventsOf(claims: CompactToken['claims'], settings: SignalSettings, made: number): SecurityEvent[] {
  const isIssuer = (issuer: string) => settings.subjectIssuers.includes(issuer);
  const { events } = claims;
  return Object.entries(isMembers(events) ? events : {}).flatMap(([type, payload]) => {
    const kind = signalKindOf(type);
    if (kind === undefined || !isMembers(payload)) return [];
    // drafts had the subject inside of each event
    const subject = readSignalSubject(claims['sub_id'] ?? payload['subject'], isIssuer);
    const occurred = timeOfEvent(payload) ?? timeClaim(claims, 'toe') ?? made;
    return [{ kind, subject, occurredAt: new Date(Math.min(occurred, made)).toISOString() }];
  });
}

/** Beyond this, a number is no time in seconds: drafts of CAEP had milliseconds. */
const SECONDS_BELOW = 100_000_000_000;

function timeOfEvent(payload: Readonly<Record<string, unknown>>): number | undefined {
  const at = payload['event_timestamp'];
  const seconds = typeof at === 'number' && at >= SECONDS_BELOW ? at / 1000 : at;
  return timeClaim({ at: seconds }, 'at');
}
