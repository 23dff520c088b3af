import type { AccountSource, GrantSource } from '#libs/contracts';
import type { Person } from './people.js';

/** A grant by a rule of a connection, as in `by('okta', 'engineers')`. */
export function by(
  connection: string,
  rule: string,
  versions: { connection?: number; rule?: number } = {},
): GrantSource {
  return {
    kind: 'rule',
    connection,
    connectionVersion: versions.connection ?? 1,
    rule,
    ruleVersion: versions.rule ?? 1,
    actor: null,
  };
}

/** A grant that a person gave. */
export function byHand(giver: Person): GrantSource {
  const actor = `account:${giver.account}`;
  return { kind: 'manual', connection: null, connectionVersion: null, rule: null, ruleVersion: null, actor };
}

/** A grant by an elevation. */
export function byElevation(elevation: string): GrantSource {
  const actor = `elevation:${elevation}`;
  return { kind: 'elevation', connection: null, connectionVersion: null, rule: null, ruleVersion: null, actor };
}

/** An account, or a change of one, that came through a SAML connection. */
export function through(connection: string, version = 1): AccountSource {
  const issuer = `http://idp.example/${connection}`;
  return { kind: 'signIn', connection, connectionVersion: version, protocol: 'saml', issuer };
}

/** An account, or a change of one, made by an administrator. */
export const manually: AccountSource = {
  kind: 'manual',
  connection: null,
  connectionVersion: null,
  protocol: 'manual',
  issuer: null,
};
