import type { IHeaders, Message } from 'kafkajs';
import { type Actor, type EventMetadata, type Json, parseStreamName } from '#libs/kernel';
import { canonicalHash } from '#libs/ledger';
import type { SealedStoredEvent } from '../sealed-events.port.js';

/** Where an event stands in its partition. */
export interface PartitionPlace {
  /** Index among the partition's events, 0-based, dense: it tells a loss from a pause. */
  readonly sequence: number;
  /** Position in the sealed log of the partition's event before; -1 for the first. */
  readonly previous: number;
}

/** An event with its place, as read from a record. */
export interface PlacedEvent extends PartitionPlace {
  readonly event: SealedStoredEvent;
}

const CONTENT_TYPE = 'application/json';

/** How an installation signs what it publishes (`ce_source`). */
export const sourceOf = (installation: string): string => `urn:uuid:${installation}`;

/**
 * An event as a record in the binary mode of the CloudEvents Kafka binding: attributes as headers, the data alone as the value, the
 * stream as the key. Personal fields are ciphertext already; headers hold ids only.
 * @see https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/kafka-protocol-binding.md
 */
export function toRecord(event: SealedStoredEvent, place: PartitionPlace, installation: string): Message {
  const { metadata } = event;
  const optional = {
    ce_causationid: metadata.causationId,
    traceparent: metadata.traceparent,
  };
  const headers: Record<string, string> = {
    ce_specversion: '1.0',
    ce_id: event.id,
    ce_source: sourceOf(installation),
    ce_type: event.type,
    ce_subject: event.stream,
    ce_time: event.recordedAt,
    'content-type': CONTENT_TYPE,
    ce_dataschemaversion: String(event.schemaVersion),
    ce_partitionkey: event.stream,
    ce_tenant: event.tenant,
    ce_position: String(event.position),
    ce_tenantposition: String(event.tenantPosition),
    ce_revision: String(event.revision),
    ce_storeposition: String(event.storePosition),
    ce_sealedat: event.sealedAt,
    ce_sequence: String(place.sequence),
    ce_previous: String(place.previous),
    ce_hash: canonicalHash(event).toString('hex'),
    ce_commandid: metadata.commandId,
    ce_commanddigest: metadata.commandDigest,
    ce_correlationid: metadata.correlationId,
    ce_actor: JSON.stringify(metadata.actor),
  };
  for (const [name, value] of Object.entries(optional)) if (value !== undefined) headers[name] = value;
  return { key: event.stream, value: JSON.stringify(event.data), headers };
}

/**
 * Reads an event back from a record, exactly as it was stored. One whose body is unreadable, or has another hash than the one it was
 * sealed with, comes as `broken`: its place is sure, its content is not. Null when not even the place can be read, or the tenant is not that
 * of the stream: nobody gets to see what may be another's.
 */
export function fromRecord(
  record: Pick<Message, 'value'> & { readonly headers?: IHeaders | undefined },
): PlacedEvent | null {
  const header = headersOf(record.headers);
  const place = placeIn(header);
  if (!place) return null;
  const { sequence, previous, ...standing } = place;
  const metadata = metadataIn(header);
  const data = parsed(record.value?.toString() ?? '');
  const event: SealedStoredEvent = {
    id: header('ce_id'),
    type: header('ce_type'),
    schemaVersion: Number(header('ce_dataschemaversion')),
    recordedAt: header('ce_time'),
    data: (data ?? null) as Json,
    metadata,
    ...standing,
  };
  const whole = data !== undefined && hashOf(event) === header('ce_hash');
  return { event: whole ? event : { ...event, broken: true }, sequence, previous };
}

type Header = (name: string) => string;

/** Text of a header; empty when it is absent or there twice. */
export function headersOf(headers: IHeaders | undefined): Header {
  return (name) => {
    const value = headers?.[name];
    return value === undefined || Array.isArray(value) ? '' : value.toString();
  };
}

function placeIn(header: Header) {
  const place = {
    stream: header('ce_subject'),
    tenant: header('ce_tenant'),
    sealedAt: header('ce_sealedat'),
    position: count(header('ce_position')),
    tenantPosition: count(header('ce_tenantposition')),
    revision: count(header('ce_revision')),
    storePosition: count(header('ce_storeposition')),
    sequence: count(header('ce_sequence')),
    previous: header('ce_previous') === '-1' ? -1 : count(header('ce_previous')),
  };
  const isWhole = Object.values(place).every((value) => value !== '' && !Number.isNaN(value));
  return isWhole && tenantOf(place.stream) === place.tenant ? place : null;
}

/** Null for what is no name of a stream. */
function tenantOf(stream: string): string | null {
  try {
    return parseStreamName(stream).tenant;
  } catch {
    return null;
  }
}

function metadataIn(header: Header): EventMetadata {
  const causationId = header('ce_causationid');
  const traceparent = header('traceparent');
  return {
    actor: parsed(header('ce_actor')) as unknown as Actor,
    commandId: header('ce_commandid'),
    commandDigest: header('ce_commanddigest'),
    correlationId: header('ce_correlationid'),
    ...(causationId && { causationId }),
    ...(traceparent && { traceparent }),
  };
}

/** A whole number without a sign; NaN for any other text. */
function count(text: string): number {
  const number = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  return Number.isSafeInteger(number) ? number : Number.NaN;
}

function parsed(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

function hashOf(event: SealedStoredEvent): string | null {
  try {
    return canonicalHash(event).toString('hex');
  } catch {
    return null; // a value that has no canonical form
  }
}
