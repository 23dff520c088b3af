import type { Catalogue, EventEntry } from '#libs/contracts';
import type { EventCodec, EventInClear, EventToAppend, StoredEvent } from '#libs/event-store';
import { type Json, parseStreamName, type RecordedEvent } from '#libs/kernel';
import { sourceAt, subjectFinder } from './event-subjects.js';
import { CIPHERTEXT_KEY, type Ciphertext, decryptField, ERASED, encryptField, WITHHELD } from './field-encryption.js';
import { toJson } from './json-data.js';
import type { Keyring } from './keyring.js';
import { rewriteCiphertexts, rewritePersonalFields } from './personal-fields.js';
import type { SubjectKeyring, SubjectKeys } from './subject-keys.js';
import type { SubjectRef } from './subject-keys.queries.js';
import {
  CiphertextRejectedError,
  EventRejectedError,
  NewerSchemaVersionError,
  UnknownEventTypeError,
} from './vault.errors.js';

/** What the codec needs. */
export interface VaultCodecDependencies {
  readonly catalogue: Catalogue;
  readonly subjectKeys: SubjectKeys;
  readonly keyring: Keyring;
}

/** An event codec that can also read without looking at anything personal. */
export interface VaultCodec extends EventCodec {
  /** Like `decode`, for callers who may not see personal data: such fields read `[withheld]`, and no key is touched. */
  decodeWithholding(events: readonly StoredEvent[]): RecordedEvent[];
}

/**
 * The codec of every event: schema check in clear, then encryption of the fields that the catalogue marks, each under its subject's key;
 * after the read decryption, then upcasting to the newest schema version, which `schemaVersion` then says. Upcasters meet `[erased]` and
 * `[withheld]` in place of any personal value. The keys of a batch are fetched together.
 */
export function vaultCodec({ catalogue, subjectKeys, keyring }: VaultCodecDependencies): VaultCodec {
  const toNewest = (event: StoredEvent, data: Json) =>
    recorded(event, newestVersion(catalogue, event), catalogue.upcast(event.type, data, event.schemaVersion));
  return {
    async encode(events) {
      const drafts = events.map((event) => draftOf(catalogue, keyring, event));
      const keys = await subjectKeys.forWriting(drafts.flatMap(({ refs }) => refs));
      return drafts.map((draft) => encrypt(draft, keys));
    },
    async decode(events) {
      for (const event of events) newestVersion(catalogue, event);
      const keys = await subjectKeys.forReading(events.flatMap(subjectsIn));
      return events.map((event) => toNewest(event, decrypt(event, keys)));
    },
    decodeWithholding: (events) =>
      events.map((event) =>
        toNewest(
          event,
          rewriteCiphertexts(event.data, () => WITHHELD),
        ),
      ),
  };
}

/** An event that passed its schema, with the subject of each of its personal values. */
interface Draft {
  readonly event: EventInClear;
  readonly entry: EventEntry;
  readonly tenant: string;
  readonly data: Json;
  readonly subjectAt: ReadonlyMap<string, string>;
  readonly refs: readonly SubjectRef[];
}

function draftOf(catalogue: Catalogue, keyring: Keyring, event: EventInClear): Draft {
  const entry = catalogue.entry(event.type);
  if (!entry) throw new UnknownEventTypeError(event.type);
  const data = toJson(event.data);
  const problems = catalogue.problems(event.type, data);
  if (problems.length > 0) throw new EventRejectedError(event.type, problems);
  const { tenant } = parseStreamName(event.stream);
  const find = subjectFinder(event, data, keyring);
  const subjectAt = new Map<string, string>();
  rewritePersonalFields(data, pathsOf(entry), (value, path) => {
    subjectAt.set(path, find(sourceAt(entry.personal, path), value));
    return value;
  });
  return {
    event,
    entry,
    tenant,
    data,
    subjectAt,
    refs: [...subjectAt.values()].map((subject) => ({ tenant, subject })),
  };
}

const pathsOf = ({ personal }: EventEntry) => personal.map(({ path }) => path);

function encrypt({ event, entry, tenant, data, subjectAt }: Draft, keys: SubjectKeyring): EventToAppend {
  const { id, type, recordedAt, metadata } = event;
  const { schemaVersion } = entry;
  if (subjectAt.size === 0) return { id, type, schemaVersion, recordedAt, data, metadata };
  const encrypted = rewritePersonalFields(data, pathsOf(entry), (value, field) => {
    const subject = subjectAt.get(field) as string;
    const key = keys.get({ tenant, subject }) as Buffer;
    return encryptField(key, { tenant, subject, eventId: id, type, field }, value) as unknown as Json;
  });
  return { id, type, schemaVersion, recordedAt, data: encrypted, metadata };
}

function subjectsIn({ id, stream, data }: StoredEvent): SubjectRef[] {
  const { tenant } = parseStreamName(stream);
  const refs: SubjectRef[] = [];
  rewriteCiphertexts(data, (ciphertext, path) => {
    refs.push({ tenant, subject: subjectOf(ciphertext, id, path) });
    return null;
  });
  return refs;
}

function decrypt({ id, type, stream, data }: StoredEvent, keys: SubjectKeyring): Json {
  const { tenant } = parseStreamName(stream);
  return rewriteCiphertexts(data, (ciphertext, field) => {
    const subject = subjectOf(ciphertext, id, field);
    const key = keys.get({ tenant, subject });
    return key ? decryptField(key, { tenant, subject, eventId: id, type, field }, ciphertext) : ERASED;
  });
}

function subjectOf(ciphertext: Ciphertext, eventId: string, field: string): string {
  const subject: unknown = ciphertext[CIPHERTEXT_KEY]?.subject;
  if (typeof subject !== 'string') throw new CiphertextRejectedError(eventId, field);
  return subject;
}

/** Asked before anything is decrypted: what this software does not understand, it does not open. */
function newestVersion(catalogue: Catalogue, { type, schemaVersion }: StoredEvent): number {
  const entry = catalogue.entry(type);
  if (!entry) throw new UnknownEventTypeError(type);
  if (schemaVersion > entry.schemaVersion) throw new NewerSchemaVersionError(type, schemaVersion, entry.schemaVersion);
  return entry.schemaVersion;
}

function recorded(event: StoredEvent, schemaVersion: number, data: unknown): RecordedEvent {
  const { id, type, stream, revision, recordedAt, metadata } = event;
  return {
    id,
    type,
    schemaVersion,
    tenant: parseStreamName(stream).tenant,
    stream,
    revision,
    recordedAt,
    data,
    metadata,
  };
}
