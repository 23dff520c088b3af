import { Injectable } from '@nestjs/common';
import type { SealedEvent } from '#libs/kernel';
import type { Caller } from '#libs/platform';
import {
  type ConnectionVersion,
  type EventPlace,
  findConnectionVersion,
  findEventPlaces,
  findRuleVersion,
  type GrantRecord,
  listEvents,
} from '#libs/read-model';
import { ReadModel } from '../reading/read-model.js';

/** Everything that a chain of evidence is told from. */
export interface Evidence {
  /** Events by id; what the log does not have (yet) is absent. */
  readonly events: ReadonlyMap<string, SealedEvent>;
  /** The connection as it was when the grant was given. */
  readonly connection: ConnectionVersion | null;
  /** The first version of the connection that had the rule as it was then. */
  readonly rule: ConnectionVersion | null;
  /** Id of the event that made the account. */
  readonly provisioned: string | null;
}

/** Collects the events that a grant stands on. */
@Injectable()
export class EvidenceFinder {
  constructor(private readonly readModel: ReadModel) {}

  /** @param through position up to which the log is looked at */
  async find(caller: Caller, grant: GrantRecord, through: number): Promise<Evidence> {
    const connection = await this.connectionOf(grant);
    const rule = await this.ruleOf(grant);
    const made = await this.provisioningOf(grant, through);
    const ids = [
      grant.granted_event,
      grant.granted_evidence,
      grant.revoked_event,
      grant.revoked_evidence,
      connection?.settingsEvent,
      rule?.settingsEvent,
    ].filter((id) => typeof id === 'string');
    const places = await findEventPlaces(this.readModel.database, ids);
    const events = await this.readModel.events(caller, made ? [...places, made] : places);
    return {
      events: new Map(events.map((event) => [event.id, event])),
      connection,
      rule,
      provisioned: made?.event_id ?? null,
    };
  }

  private async connectionOf(grant: GrantRecord): Promise<ConnectionVersion | null> {
    const { tenant, source_connection: connection, source_connection_version: version } = grant;
    if (connection === null || version === null) return null;
    return findConnectionVersion(this.readModel.database, tenant, connection, version);
  }

  private async ruleOf(grant: GrantRecord): Promise<ConnectionVersion | null> {
    const { tenant, source_connection: connection, source_rule: rule, source_rule_version: ruleVersion } = grant;
    if (connection === null || rule === null || ruleVersion === null) return null;
    return findRuleVersion(this.readModel.database, { tenant, connection, rule, ruleVersion });
  }

  private async provisioningOf({ tenant, account }: GrantRecord, through: number): Promise<EventPlace | undefined> {
    const query = { tenant, account, type: 'UserProvisioned', after: -1, through, limit: 1 };
    return (await listEvents(this.readModel.database, query)).items[0];
  }
}
