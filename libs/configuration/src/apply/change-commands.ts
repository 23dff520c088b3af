import canonicalize from 'canonicalize';
import { clientDecider, connectionDecider, policyDecider, roleDecider, tenantDecider } from '#libs/domain';
import { decideAndAppend, deriveId, type Outcome, type WritePath } from '#libs/event-store';
import { type Command, type CommandMetadata, type Decider, type DomainEvent, streamName } from '#libs/kernel';
import type { Keyring } from '#libs/vault';
import type { PlannedChange } from '../plan-configuration.js';

const DECIDERS = {
  tenant: tenantDecider,
  role: roleDecider,
  connection: connectionDecider,
  client: clientDecider,
  policy: policyDecider,
} as const;

/** What carrying out a planned change needs. */
export interface ChangeDependencies {
  readonly path: WritePath;
  readonly keyring: Pick<Keyring, 'lookupHmac'>;
}

/**
 * Carries out one change of a plan, once for each apply: its command's id follows from the apply's and from what it changes.
 * @param apply metadata of the whole apply
 * @param reason recorded with the change
 */
export function carryOut(
  { path, keyring }: ChangeDependencies,
  change: PlannedChange,
  apply: CommandMetadata,
  reason: string,
): Promise<Outcome<unknown>> {
  const { kind, tenant, id, action } = change;
  const commandId = deriveId(apply.commandId, [action, kind, tenant, id].join('/'));
  const data = { ...change.command.data, reason };
  const metadata: CommandMetadata = {
    ...apply,
    tenant,
    commandId,
    commandDigest: keyring.lookupHmac('command', change.command.type, canonicalize(data) ?? ''),
    deriveId: (name) => deriveId(commandId, name),
  };
  const decider = DECIDERS[kind] as unknown as Decider<Command, unknown, DomainEvent>;
  return decideAndAppend(path, streamName({ category: kind, tenant, id }), decider, {
    type: change.command.type,
    data,
    metadata,
  });
}
