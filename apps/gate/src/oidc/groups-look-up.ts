import { Inject, Injectable, Logger } from '@nestjs/common';
import { GraphGroups, type VerifiedIdentity } from '#libs/federation';
import { CLOCK, type Clock, describeError } from '#libs/platform';
import type { KnownConnection } from '../settings/known-connection.js';
import { ProtocolSettings } from '../settings/protocol-settings.js';

/** Reads the groups that did not fit into a token from where the provider keeps them. */
@Injectable()
export class GroupsLookUp {
  readonly #log = new Logger(GroupsLookUp.name);

  constructor(
    private readonly settings: ProtocolSettings,
    private readonly graph: GraphGroups,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** The identity with all of its groups. Whatever fails, groups stay unknown: nobody loses a role because a look-up did. */
  async complete(connection: KnownConnection, identity: VerifiedIdentity): Promise<VerifiedIdentity> {
    const { settings, tenant } = connection;
    const graph = settings.oidc?.graph;
    const [tid] = identity.claims.get('tid') ?? [];
    const [oid] = identity.claims.get('oid') ?? [];
    if (!graph || !tid || !oid) return identity;
    try {
      const clientSecret = (await this.settings.secret(tenant, graph.clientSecret)) ?? '';
      const { clientId } = graph;
      const groups = await this.graph.groupsOf({ tid, oid, clientId, clientSecret, now: this.clock.now() });
      const claims = new Map(identity.claims).set(settings.groups.attribute, groups);
      return { ...identity, claims, groupsOverage: false };
    } catch (error) {
      this.#log.warn({ err: describeError(error), connection: connection.id }, 'groups could not be looked up');
      return identity;
    }
  }
}
