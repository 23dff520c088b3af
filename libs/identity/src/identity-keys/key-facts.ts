import type { AccountEvent, Profile } from '#libs/contracts';
import type { RecordedEvent } from '#libs/kernel';
import type { Keyring } from '#libs/vault';
import { attributeHmac, identifies, type LinkedSubject, linkKey } from './identity-key.js';
import type { AttributeKind } from './resolution.js';

/** What an event says about the keys of an account, in the form that `identity.apply_key_facts` takes. `hmac` null: no such key any more. */
export interface KeyFact {
  readonly fact: 'provisioned' | 'holds' | 'linked' | 'unlinked' | 'merged';
  readonly tenant: string;
  readonly account: string;
  readonly command: string;
  readonly at: string;
  readonly directory?: string;
  readonly kind?: AttributeKind;
  readonly hmac?: string | null;
  /** The account that goes on, in a merge. */
  readonly into?: string;
}

/** Types of account events that say nothing about keys: they need not be decrypted. */
export const KEYLESS_TYPES: ReadonlySet<string> = new Set<AccountEvent['type']>([
  'RolesAssigned',
  'AccessRevoked',
  'RoleWithheld',
  'RoleWithholdingLifted',
  'UserDeactivated',
  'UserReactivated',
  'GrantsConfirmed',
  'GrantsReduced',
  'SodConflictPrevented',
]);

/**
 * Reads the facts about keys from an account event, in order. Pure.
 * What was erased (`[erased]`, for one field or for the whole profile) is no key: replaying the log of an erased person gives none.
 */
export function keyFacts(keyring: Keyring, recorded: RecordedEvent): KeyFact[] {
  const event = recorded as RecordedEvent & AccountEvent;
  const base = {
    tenant: event.tenant,
    account: event.data.account,
    command: event.metadata.commandId,
    at: event.recordedAt,
  };
  const link = (fact: 'linked' | 'unlinked', { connection, subject }: LinkedSubject): KeyFact[] =>
    identifies(subject) ? [{ ...base, fact, hmac: linkKey(keyring, event.tenant, { connection, subject }).hmac }] : [];
  const holds = (kind: AttributeKind, value: string | null | undefined): KeyFact => ({
    ...base,
    fact: 'holds',
    kind,
    hmac: value && identifies(value) ? attributeHmac(keyring, event.tenant, kind, value) : null,
  });
  const attributes = (profile: Profile, emailVerified: boolean) => [
    holds('userName', profile.userName),
    holds('externalId', profile.externalId),
    holds('verifiedEmail', emailVerified ? profile.email : null),
  ];
  switch (event.type) {
    case 'UserProvisioned':
      return [
        { ...base, fact: 'provisioned', directory: event.data.directory },
        ...attributes(event.data.profile, event.data.emailVerified),
        ...event.data.links.flatMap((each) => link('linked', each)),
      ];
    case 'ProfileUpdated':
      return attributes(event.data.profile, event.data.emailVerified);
    case 'IdentityLinked':
      return link('linked', event.data);
    case 'IdentityUnlinked':
      return link('unlinked', event.data);
    case 'AccountAbsorbed':
      return event.data.links.flatMap((each) => link('linked', each));
    case 'AccountMerged':
      return [{ ...base, fact: 'merged', into: event.data.into }];
    default:
      return [];
  }
}
