import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import type { StoredEvent } from '#libs/event-store';
import { parseStreamName } from '#libs/kernel';

/**
 * Hashes an event as it is stored: SHA-256 (32 bytes) over the RFC 8785 form of its id, type, schema version, tenant, stream,
 * revision, time of recording, data and metadata. Where the event stands in a store or in the sealed log takes no part, so the hash
 * is the same in every store and after a copy; nor does the order of keys.
 * @throws {TypeError} when the stream's name has another shape than `category-tenant+id`
 */
export function canonicalHash(event: StoredEvent): Buffer {
  const { id, type, schemaVersion, stream, revision, recordedAt, data, metadata } = event;
  const { tenant } = parseStreamName(stream);
  const form = canonicalize({
    id,
    type,
    schemaVersion,
    tenant,
    stream,
    revision,
    recordedAt,
    data,
    metadata,
  }) as string;
  return createHash('sha256').update(form, 'utf8').digest();
}
