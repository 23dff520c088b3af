import {
  type ConfigureConnection,
  type ConnectionCommand,
  connectionDecider,
  type RemoveConnection,
  type RuleAsWritten,
  type SwitchConnection,
} from '#libs/domain';
import { type ConnectionOverrides, connectionSettings } from '../histories/configuration.facts.js';
import type { Fact } from '../histories/facts.js';
import { type Asked, deciding } from './given-when-then.js';

type ManagedBy = 'config' | 'api';

/** What is written of a connection, beyond the settings of one in tests. */
export interface ConnectionWords extends Omit<ConnectionOverrides, 'rules'> {
  readonly rules?: readonly RuleAsWritten[];
  readonly enabled?: boolean;
  readonly managedBy?: ManagedBy;
  readonly detach?: boolean;
}

/** The connection okta is made known, or changed; by the configuration file, unless said otherwise. */
export function configureConnection(words: ConnectionWords = {}): Asked<ConfigureConnection> {
  const { rules = [], enabled = true, managedBy = 'config', detach, ...over } = words;
  const settings = { ...connectionSettings(over), rules };
  const data = { connection: 'okta', settings, enabled, managedBy, reason: null };
  return { type: 'ConfigureConnection', data: detach ? { ...data, detach } : data };
}

/** A connection begins or stops to admit people. */
export const switchConnection = (enabled: boolean, managedBy: ManagedBy = 'config'): Asked<SwitchConnection> => ({
  type: 'SwitchConnection',
  data: { enabled, managedBy, reason: null },
});

/** A connection is removed. */
export const removeConnection = (managedBy: ManagedBy = 'config'): Asked<RemoveConnection> => ({
  type: 'RemoveConnection',
  data: { managedBy, reason: null },
});

/** The facts that commands to the connection okta of acme lead to, one after the other. */
export function connectionAfter(...commands: readonly Asked<ConnectionCommand>[]): Fact[] {
  const facts: Fact[] = [];
  const place = { category: 'connection', tenant: 'acme', id: 'okta' };
  for (const command of commands) {
    const { events } = deciding(connectionDecider)
      .given(...facts)
      .when(command);
    facts.push(...events.map(({ type, data }) => ({ ...place, event: () => ({ type, data }) })));
  }
  return facts;
}
