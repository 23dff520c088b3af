import { Injectable } from '@nestjs/common';
import type { GrantsReduced } from '#libs/contracts';
import { type SealedEvent, streamName } from '#libs/kernel';
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
  /** Ids of the events by which the grant was asked for and approved, in the order of the log; empty unless it is an elevation. */
  readonly elevation: readonly string[];
  /** The last reduction of the grant, and the decision that led to it. */
  readonly reduction: { readonly event: string; readonly decision: string | null } | null;
}

/** How a grant names the elevation that gave it. */
const ELEVATION = 'elevation:';

/** Events of one page, when the log is looked through for what concerns one account. */
const PAGE_EVENTS = 200;

/** Collects the events that a grant stands on. */
@Injectable()
export class EvidenceFinder {
  constructor(private readonly readModel: ReadModel) {}

  /** @param through position up to which the log is looked at */
  async find(caller: Caller, grant: GrantRecord, through: number): Promise<Evidence> {
    const connection = await this.connectionOf(grant);
    const rule = await this.ruleOf(grant);
    const made = await this.provisioningOf(grant, through);
    const elevation = await this.elevationOf(grant, through);
    const reduction = await this.reductionOf(caller, grant, through);
    const ids = [
      ...elevation.map(({ event_id: id }) => id),
      reduction?.event,
      reduction?.decision,
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
      elevation: elevation.map(({ event_id: id }) => id),
      reduction,
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

  /** Who asked for an elevation, and who approved of it, up to when it began. */
  private async elevationOf(grant: GrantRecord, through: number): Promise<EventPlace[]> {
    const { tenant, source_kind: kind, source_actor: actor } = grant;
    if (kind !== 'elevation' || !actor?.startsWith(ELEVATION)) return [];
    const stream = streamName({ category: 'elevation', tenant, id: actor.slice(ELEVATION.length) });
    const begun = Math.min(grant.granted_pos, through);
    const found: EventPlace[] = [];
    for (const type of ['ElevationRequested', 'ElevationApproved', 'ElevationExtended']) {
      for await (const place of this.eventsAbout(grant, type, begun)) if (place.stream === stream) found.push(place);
    }
    return found.sort((one, other) => one.position - other.position);
  }

  private async reductionOf(caller: Caller, grant: GrantRecord, through: number): Promise<Evidence['reduction']> {
    const places: EventPlace[] = [];
    for await (const place of this.eventsAbout(grant, 'GrantsReduced', through)) places.push(place);
    const events = await this.readModel.events(caller, places);
    const last = events.findLast(({ data }) => reducedIn(data).grants.some(({ id }) => id === grant.grant_id));
    return last ? { event: last.id, decision: reducedIn(last.data).decision } : null;
  }

  private async *eventsAbout(
    { tenant, account }: GrantRecord,
    type: string,
    through: number,
  ): AsyncIterable<EventPlace> {
    for (let after = -1; ; ) {
      const query = { tenant, account, type, after, through, limit: PAGE_EVENTS };
      const { items, more } = await listEvents(this.readModel.database, query);
      yield* items;
      const last = items.at(-1);
      if (!more || !last) return;
      after = last.position;
    }
  }
}

const reducedIn = (data: unknown) => data as GrantsReduced['data'];
