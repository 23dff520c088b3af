import { Injectable } from '@nestjs/common';
import type { SealedEvent } from '#libs/kernel';
import { sealedRowsAt } from '#libs/ledger';
import type { Caller } from '#libs/platform';
import { findEventPlaces, findGrant } from '#libs/read-model';
import {
  givenGrant,
  type Question,
  type RowReferences,
  type SampledEvent,
  type SampledReason,
  type SampledRow,
} from '#libs/reports';
import { ReadModel } from '../reading/read-model.js';
import { chainOf } from '../why/chain.js';
import { EvidenceFinder } from '../why/evidence-finder.js';

/** What a sampled row rests on. */
type Grounds = Pick<SampledRow, 'because' | 'events'>;

/** Collects the events that sampled rows rest on, as they were known when the report was made. */
@Injectable()
export class SampledEvidence {
  constructor(
    private readonly readModel: ReadModel,
    private readonly evidence: EvidenceFinder,
  ) {}

  /** @param caller sees personal data in the events only if the report shows them too */
  async of(references: RowReferences, { tenant, knownAt, personal }: Question, caller: Caller): Promise<Grounds> {
    const reader = personal ? caller : withoutPersonal(caller);
    const because = await this.#because(references, { tenant, knownAt }, reader);
    const named = await sealedRowsAt(this.readModel.database, references.positions);
    const ids = [...because.map(({ event }) => event), ...references.events, ...named.map(({ eventId }) => eventId)];
    const places = (await findEventPlaces(this.readModel.database, [...new Set(ids)])).filter(
      (place) => place.tenant === tenant && place.position <= knownAt,
    );
    const events = await this.readModel.events(reader, places);
    return { because, events: await this.#sealed(events) };
  }

  /** Why the grant that a row is about was given, and why it ended. */
  async #because(
    { grant, given }: RowReferences,
    { tenant, knownAt }: Pick<Question, 'tenant' | 'knownAt'>,
    reader: Caller,
  ): Promise<SampledReason[]> {
    const { database } = this.readModel;
    const id = grant ?? (given && (await givenGrant(database, tenant, given)));
    const found = id === null ? null : await findGrant(database, tenant, id, knownAt);
    if (!found) return [];
    const reasons = chainOf(found, await this.evidence.find(reader, found, knownAt));
    return reasons.map(({ text, event, detail }) => ({ text, event: event.id, detail }));
  }

  async #sealed(events: readonly SealedEvent[]): Promise<SampledEvent[]> {
    const rows = await sealedRowsAt(
      this.readModel.database,
      events.map(({ position }) => position),
    );
    const hashes = new Map(rows.map(({ position, hash }) => [position, hash]));
    return events.map(
      ({ id, type, stream, revision, position, tenantPosition, recordedAt, data, metadata: { actor } }) => ({
        id,
        type,
        stream,
        revision,
        position,
        tenantPosition,
        recordedAt,
        actor: `${actor.kind}:${actor.id}`,
        hash: hashes.get(position) ?? '',
        data,
      }),
    );
  }
}

const withoutPersonal = (caller: Caller): Caller => ({
  ...caller,
  scopes: new Set([...caller.scopes].filter((scope) => scope !== 'personal:read')),
});
