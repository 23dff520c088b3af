import { z } from 'zod';
import { catalogueOf, event } from '#libs/contracts';
import { type Database, migrate } from '#libs/database';
import type { EventInClear, EventToAppend, StoredEvent } from '#libs/event-store';
import type { Json } from '#libs/kernel';
import { onEveryDatabase, type TestDatabase } from '#libs/testing';
import { type VaultCodec, vaultCodec } from './event-codec.js';
import { ephemeralKeyring } from './keyring.js';
import { type SubjectKeys, subjectKeys } from './subject-keys.js';
import {
  CiphertextRejectedError,
  EventRejectedError,
  NewerSchemaVersionError,
  UnknownEventTypeError,
} from './vault.errors.js';
import { vaultMigrations } from './vault.migrations.js';

const EMAIL = 'ada@acme.example';
const hired = event(
  'person',
  'Hired',
  'someone is hired',
  z.strictObject({
    account: z.string().nullable(),
    team: z.string(),
    profile: z.strictObject({ email: z.string().nullable() }),
    links: z.array(z.strictObject({ connection: z.string(), subject: z.string() })),
  }),
  [
    { path: 'profile.email', subject: 'account' },
    { path: 'links[].subject', subject: 'account' },
  ],
  [
    (older) => ({
      links: [],
      ...(older as object),
      profile: { email: (older as { email: string }).email },
      email: undefined,
    }),
  ],
);
const owned = event('thing', 'Owned', 'a thing gets owners', z.strictObject({ owners: z.array(z.string()) }), [
  { path: 'owners[]', subject: 'principal' },
]);
const refused = event('refusal', 'Refused', 'a stranger is refused', z.strictObject({ name: z.string() }), [
  { path: 'name', subject: 'day' },
]);
const named = event('person', 'Named', 'a person is named', z.strictObject({ name: z.string() }), [
  { path: 'name', subject: 'stream' },
]);
const noted = event(
  'note',
  'Noted',
  'somebody notes something down',
  z.strictObject({ account: z.string().nullable(), text: z.string() }),
  [{ path: 'text', subject: 'accountOrStream' }],
);
const catalogue = catalogueOf([hired, owned, refused, named, noted]);

const aHire = inClear('e1', 'Hired', 'person-acme+p1', {
  account: 'a1',
  team: 'engines',
  profile: { email: EMAIL },
  links: [
    { connection: 'okta', subject: 'ada-1' },
    { connection: 'entra', subject: 'ada-2' },
  ],
});

onEveryDatabase((open) => {
  describe('the event codec', () => {
    let opened: TestDatabase;
    let database: Database;
    let keys: SubjectKeys;
    let codec: VaultCodec;
    beforeAll(async () => {
      opened = await open();
      database = opened.database;
      await migrate(database, vaultMigrations);
    }, 60_000);
    beforeEach(async () => {
      await database.query('truncate vault.subject_keys');
      const clock = { now: () => new Date('2026-03-01T12:00:00.000Z') };
      const keyring = ephemeralKeyring();
      keys = subjectKeys({ database, keyring, clock });
      codec = vaultCodec({ catalogue, subjectKeys: keys, keyring });
    });
    afterAll(() => opened.drop());

    const encodeOne = async (draft: EventInClear) => (await codec.encode([draft]))[0] as EventToAppend;
    const dataOf = async (stored: StoredEvent) => (await codec.decode([stored]))[0]?.data;

    it('brings personal fields to rest as ciphertext and back as they were; the rest stays readable', async () => {
      const encoded = await encodeOne(aHire);
      const text = JSON.stringify(encoded);
      for (const secret of [EMAIL, 'ada-1', 'ada-2']) expect(text).not.toContain(secret);
      expect(encoded.data).toMatchObject({
        account: 'a1',
        team: 'engines',
        links: [{ connection: 'okta' }, { connection: 'entra' }],
      });
      expect(encoded.schemaVersion).toBe(2);
      expect((await codec.decode([stored(encoded)]))[0]).toMatchObject({
        type: 'Hired',
        tenant: 'acme',
        revision: 0,
        data: aHire.data,
      });
    });

    it('shows what a leak would look like: an unmarked field is at rest in clear', async () => {
      const unmarked = catalogueOf([{ ...hired, personal: [] }]);
      const leaky = vaultCodec({ catalogue: unmarked, subjectKeys: keys, keyring: ephemeralKeyring() });
      expect(JSON.stringify(await leaky.encode([aHire]))).toContain(EMAIL);
    });

    it('reads [erased] once the subject is erased, and the rest as before', async () => {
      const encoded = stored(await encodeOne(aHire));
      await keys.erase({ tenant: 'acme', subject: 'a1' });
      expect(await dataOf(encoded)).toMatchObject({
        team: 'engines',
        profile: { email: '[erased]' },
        links: [{ subject: '[erased]' }, { subject: '[erased]' }],
      });
    });

    it('reads [withheld] without touching a key', async () => {
      const encoded = stored(await encodeOne(aHire));
      const statements = jest.spyOn(keys, 'forReading');
      expect(codec.decodeWithholding([encoded])[0]?.data).toMatchObject({
        team: 'engines',
        profile: { email: '[withheld]' },
      });
      expect(statements).not.toHaveBeenCalled();
    });

    it('fetches the keys of a whole batch at once', async () => {
      const writing = jest.spyOn(keys, 'forWriting');
      const reading = jest.spyOn(keys, 'forReading');
      const drafts = Array.from({ length: 50 }, (_, n) =>
        inClear(`n${n}`, 'Named', `person-acme+p${n}`, { name: `Name ${n}` }),
      );
      const encoded = await codec.encode(drafts);
      const decoded = await codec.decode(encoded.map((one, n) => stored(one, `person-acme+p${n}`)));
      expect(decoded.map(({ data }) => data)).toEqual(drafts.map(({ data }) => data));
      expect([writing.mock.calls.length, reading.mock.calls.length]).toEqual([1, 1]);
    });

    it('gives every kind of subject its own key', async () => {
      await encodeOne(inClear('e2', 'Named', 'person-acme+p7', { name: 'Ada' }));
      await encodeOne(inClear('e3', 'Refused', 'refusal-acme+r1', { name: 'Eve' }));
      await encodeOne(inClear('e4', 'Owned', 'thing-acme+t1', { owners: [EMAIL, EMAIL.toUpperCase(), 'bob'] }));
      const { rows } = await database.query<{ subject: string }>(
        'select subject from vault.subject_keys order by subject',
      );
      const subjects = rows.map(({ subject }) => subject);
      expect(subjects).toEqual([
        'day:2026-02-28',
        'p7',
        expect.stringMatching(/^principal:[0-9a-f]{64}$/),
        expect.stringMatching(/^principal:/),
      ]);
    });

    it('keeps what is said about an account under its key, and under that of the stream what is about none', async () => {
      const note = (id: string, account: string | null) =>
        inClear(id, 'Noted', 'note-acme+n1', { account, text: 'on leave' } as never);
      await codec.encode([note('e9', 'a1'), note('e8', null)]);
      const { rows } = await database.query<{ subject: string }>('select subject from vault.subject_keys order by 1');
      expect(rows.map(({ subject }) => subject)).toEqual(['a1', 'n1']);
    });

    it('lifts older versions after decryption, whatever their fields were called', async () => {
      const oldHire = {
        ...hired,
        schemaVersion: 1,
        upcasters: [],
        schema: z.any(),
        personal: [{ path: 'email', subject: 'account' as const }],
      };
      const oldCodec = vaultCodec({
        catalogue: catalogueOf([oldHire]),
        subjectKeys: keys,
        keyring: ephemeralKeyring(),
      });
      const [encoded] = await oldCodec.encode([
        inClear('e5', 'Hired', 'person-acme+p1', { account: 'a1', team: 'x', email: EMAIL }),
      ]);
      const [decoded] = await codec.decode([stored(encoded as EventToAppend)]);
      expect(decoded).toMatchObject({ schemaVersion: 2, data: { profile: { email: EMAIL }, links: [] } });
      await keys.erase({ tenant: 'acme', subject: 'a1' });
      expect(await dataOf(stored(encoded as EventToAppend))).toMatchObject({ profile: { email: '[erased]' } });
    });

    it('refuses a ciphertext that was moved to another event, field or tenant', async () => {
      const encoded = await encodeOne(aHire);
      const { links } = encoded.data as { links: [Json, Json] };
      const exchanged = { ...(encoded.data as object), links: [links[1], links[0]] } as unknown as Json;
      await expect(codec.decode([{ ...stored(encoded), id: 'e9' }])).rejects.toThrow(CiphertextRejectedError);
      await expect(codec.decode([{ ...stored(encoded), data: exchanged }])).rejects.toThrow(CiphertextRejectedError);
      await encodeOne({ ...aHire, id: 'e10', stream: 'person-globex+p1' });
      await expect(codec.decode([stored(encoded, 'person-globex+p1')])).rejects.toThrow(CiphertextRejectedError);
    });

    it('refuses data that does not fit its schema, quoting no value and making no key', async () => {
      const error = await encodeOne({ ...aHire, data: { ...(aHire.data as object), team: 7, extra: EMAIL } }).catch(
        (reason) => reason,
      );
      expect(error).toBeInstanceOf(EventRejectedError);
      expect(error.message).not.toContain(EMAIL);
      await expect(encodeOne({ ...aHire, data: { ...(aHire.data as object), account: null } })).rejects.toThrow(
        EventRejectedError,
      );
      await expect(encodeOne({ ...aHire, data: { when: new Date(0) } })).rejects.toThrow(/JSON cannot/);
      expect((await database.query('select from vault.subject_keys')).rowCount).toBe(0);
    });

    it('refuses types that it does not know, and versions newer than its own', async () => {
      const encoded = stored(await encodeOne(aHire));
      await expect(encodeOne({ ...aHire, type: 'Fired' })).rejects.toThrow(UnknownEventTypeError);
      await expect(codec.decode([{ ...encoded, type: 'Fired' }])).rejects.toThrow(UnknownEventTypeError);
      await expect(codec.decode([{ ...encoded, schemaVersion: 3 }])).rejects.toThrow(NewerSchemaVersionError);
    });
  });
});

function inClear(id: string, type: string, stream: string, data: Json): EventInClear {
  const metadata = {
    actor: { kind: 'system', id: 'test' },
    commandId: 'c',
    commandDigest: 'd',
    correlationId: 'r',
  } as const;
  return { id, type, stream, data, recordedAt: '2026-02-28T23:59:59.999Z', metadata };
}

function stored(appended: EventToAppend, stream = 'person-acme+p1'): StoredEvent {
  return { ...JSON.parse(JSON.stringify(appended)), stream, revision: 0, storePosition: 0 };
}
