import { v5 as uuidv5 } from 'uuid';
import { type AccountEvent, catalogue, type Profile } from '#libs/contracts';
import { type Database, migrate } from '#libs/database';
import { type EventStore, eventStoreMigrations, postgresEventStore } from '#libs/event-store';
import { streamName } from '#libs/kernel';
import { onEveryDatabase, type TestDatabase } from '#libs/testing';
import {
  ephemeralKeyring,
  type SubjectKeys,
  subjectKeys,
  type VaultCodec,
  vaultCodec,
  vaultMigrations,
} from '#libs/vault';
import { identityMigrations } from '../identity.migrations.js';
import { FollowerAheadError } from '../store-follower.js';
import { AccountExistsUnlinkedError, IdentityKeysBehindError } from './identity-keys.errors.js';
import { type IdentityKeysFollower, identityKeysFollower } from './identity-keys.follower.js';
import { CLAIM_LIFETIME_MS, type IdentityKeys, identityKeys, type ResolveRequest } from './identity-keys.js';

/** Each test has a tenant of its own: nothing can be taken back from the store. */
let tenant = '';
let tenants = 0;
const NAMESPACE = '8a1f4f0e-1f53-4a0e-8a7e-7f1c52f1a002';
const id = (name: string) => uuidv5(`${tenant} ${name}`, NAMESPACE);
const START = Date.parse('2026-03-01T12:00:00.000Z');
const keyring = ephemeralKeyring();

const SOURCE = { kind: 'signIn', connection: 'okta', connectionVersion: 1, protocol: 'saml', issuer: 'idp' } as const;
const EMPTY = {
  displayName: null,
  givenName: null,
  familyName: null,
  email: null,
  externalId: null,
  employeeNumber: null,
  employeeType: null,
  title: null,
  department: null,
  costCenter: null,
  manager: null,
  attributes: {},
} as const;

const provisioned = (account: string, profile: Partial<Profile> = {}): AccountEvent => ({
  type: 'UserProvisioned',
  data: {
    account: id(account),
    directory: 'staff',
    kind: 'person',
    sponsor: null,
    expiresAt: null,
    source: SOURCE,
    evidence: null,
    claims: null,
    ruleVersions: [],
    profile: { ...EMPTY, userName: account, email: `${account}@acme.example`, ...profile },
    emailVerified: true,
    links: [{ connection: 'okta', subject: account }],
    reason: null,
  },
});
const updated = (account: string, profile: Partial<Profile>, emailVerified = true): AccountEvent => ({
  type: 'ProfileUpdated',
  data: {
    account: id(account),
    source: SOURCE,
    evidence: null,
    changed: Object.keys(profile),
    profile: { ...EMPTY, userName: account, ...profile },
    emailVerified,
    lost: [],
    reason: null,
  },
});
const linked = (account: string, subject: string): AccountEvent => ({
  type: 'IdentityLinked',
  data: { account: id(account), connection: 'entra', subject, how: 'manual', evidence: null, reason: null },
});
const unlinked = (account: string, subject: string): AccountEvent => ({
  type: 'IdentityUnlinked',
  data: { account: id(account), connection: 'entra', subject, reason: null },
});
const absorbed = (account: string, from: string): AccountEvent => ({
  type: 'AccountAbsorbed',
  data: { account: id(account), from: id(from), links: [{ connection: 'okta', subject: from }], reason: 'one person' },
});
const merged = (account: string, into: string): AccountEvent => ({
  type: 'AccountMerged',
  data: { account: id(account), into: id(into), reason: 'one person' },
});
const deactivated = (account: string): AccountEvent => ({
  type: 'UserDeactivated',
  data: { account: id(account), source: SOURCE, reason: null, occurredAt: null },
});

let requests = 0;
const signIn = (subject: string, changes: Partial<ResolveRequest> = {}): ResolveRequest => ({
  tenant,
  directory: 'staff',
  connection: 'okta',
  subject,
  linking: 'none',
  mayCreate: true,
  userName: subject,
  proposedAccountId: id(subject),
  commandId: id(`request ${requests++}`),
  ...changes,
});

onEveryDatabase((open) => {
  describe('identity keys, following the log', () => {
    let opened: TestDatabase;
    let database: Database;
    let store: EventStore;
    let codec: VaultCodec;
    let vault: SubjectKeys;
    let now: number;
    let follower: IdentityKeysFollower;
    let keys: IdentityKeys;
    let failures: unknown[];

    const clock = { now: () => new Date(now) };
    const newFollower = () =>
      identityKeysFollower({ database, store, codec, keyring, clock, onFailure: (error) => failures.push(error) });

    beforeAll(async () => {
      opened = await open();
      database = opened.database;
      await migrate(database, [...eventStoreMigrations, ...vaultMigrations, ...identityMigrations]);
      store = postgresEventStore({ database });
      vault = subjectKeys({ database, keyring, clock });
      codec = vaultCodec({ catalogue, subjectKeys: vault, keyring });
      keys = identityKeys({ database, keyring, clock, caughtUp: () => true });
    }, 60_000);
    beforeEach(() => {
      [now, failures, tenant] = [START, [], `tenant${tenants++}`];
      follower = newFollower();
    });
    afterAll(async () => {
      await store.close();
      await opened.drop();
    });

    const record = async (...events: AccountEvent[]) => {
      for (const event of events) {
        const stream = streamName({ category: 'account', tenant, id: event.data.account });
        const revision = (await store.readStream(stream)).length;
        const eventId = id(`${stream} ${revision}`);
        const metadata = { actor: SYSTEM, commandId: eventId, commandDigest: '', correlationId: 'r' };
        const recordedAt = new Date(now).toISOString();
        await store.append(
          stream,
          revision - 1,
          await codec.encode([{ ...event, id: eventId, stream, recordedAt, metadata }]),
        );
      }
    };
    const rows = async () => {
      const keysHeld =
        'select tenant, directory, kind, key_hmac, account_id, command_id, claimed_at, confirmed from identity.keys where tenant = $1 order by 2, 3, 4';
      const accounts = 'select * from identity.accounts where tenant = $1 order by 2';
      return {
        keys: (await database.query(keysHeld, [tenant])).rows,
        accounts: (await database.query(accounts, [tenant])).rows,
      };
    };
    const confirmed = async (account: string) => {
      const { rows: kinds } = await database.query<{ kind: string }>(
        'select kind from identity.keys where account_id = $1 and confirmed order by kind',
        [id(account)],
      );
      return kinds.map(({ kind }) => kind);
    };
    const readAgainFromNothing = async () => {
      await database.query('truncate identity.keys, identity.accounts, identity.checkpoints');
      await newFollower().catchUp();
    };

    it('confirm the claims of a recorded account', async () => {
      await keys.resolve(signIn('ada', { verifiedEmail: 'ada@acme.example' }));
      expect(await confirmed('ada')).toEqual([]);
      await record(provisioned('ada'));
      await follower.catchUp();
      expect(await confirmed('ada')).toEqual(['link', 'userName', 'verifiedEmail']);
      expect(await keys.resolve(signIn('ada'))).toEqual({ how: 'link', accountId: id('ada'), directory: 'staff' });
    });

    it('free the old user name once the new one is recorded, and not before', async () => {
      await record(provisioned('ada'));
      await follower.catchUp();
      await keys.resolve(signIn('ada', { userName: 'countess' }));
      await expect(keys.resolve(signIn('eve', { userName: 'ada' }))).rejects.toThrow(AccountExistsUnlinkedError);
      await record(updated('ada', { userName: 'countess' }));
      await follower.catchUp();
      expect((await keys.resolve(signIn('eve', { userName: 'ada' }))).how).toBe('new');
      await expect(keys.resolve(signIn('bob', { userName: 'countess' }))).rejects.toThrow(AccountExistsUnlinkedError);
    });

    it('free an address that is no longer verified, and an external id that is gone', async () => {
      await record(provisioned('ada', { externalId: 'e1' }));
      await follower.catchUp();
      expect(await confirmed('ada')).toEqual(['externalId', 'link', 'userName', 'verifiedEmail']);
      await record(updated('ada', { email: 'ada@elsewhere.example' }, false));
      await follower.catchUp();
      expect(await confirmed('ada')).toEqual(['link', 'userName']);
    });

    it('add and free links, each for its own account only', async () => {
      await record(provisioned('ada'), provisioned('bob'), linked('ada', 'x'), unlinked('bob', 'x'));
      await follower.catchUp();
      const asX = signIn('x', { connection: 'entra', userName: undefined });
      expect(await keys.resolve(asX)).toEqual({ how: 'link', accountId: id('ada'), directory: 'staff' });
      await record(unlinked('ada', 'x'));
      await follower.catchUp();
      expect((await keys.resolve({ ...asX, mayCreate: false })).how).toBe('none');
    });

    it('let the identities of a merged account go on with the other one, and free its name and address', async () => {
      await record(provisioned('ada'), provisioned('countess'), linked('countess', 'x'));
      await record(absorbed('ada', 'countess'), merged('countess', 'ada'));
      await follower.catchUp();
      const staysAda = { how: 'link', accountId: id('ada'), directory: 'staff' };
      expect(await keys.resolve(signIn('countess', { userName: undefined }))).toEqual(staysAda);
      expect(await keys.resolve(signIn('x', { connection: 'entra', userName: undefined }))).toEqual(staysAda);
      expect(await confirmed('countess')).toEqual([]);
      await record(updated('ada', { userName: 'countess', email: 'countess@acme.example' }));
      await follower.catchUp();
      expect(await confirmed('ada')).toEqual(['link', 'link', 'link', 'userName', 'verifiedEmail']);
    });

    it('merge in whichever order the two halves of a merge are recorded, and the same again from nothing', async () => {
      await record(provisioned('ada'), provisioned('countess'));
      await record(merged('countess', 'ada'), absorbed('ada', 'countess'));
      await follower.catchUp();
      expect(await confirmed('ada')).toEqual(['link', 'link', 'userName', 'verifiedEmail']);
      const live = await rows();
      await readAgainFromNothing();
      expect(await rows()).toEqual(live);
    });

    it('let the log win over a claim, and the first account in the log over a later one', async () => {
      await keys.resolve(signIn('eve', { userName: 'ada' }));
      await record(provisioned('ada'), provisioned('bob', { userName: 'ADA' }));
      await follower.catchUp();
      expect(await confirmed('ada')).toEqual(['link', 'userName', 'verifiedEmail']);
      expect(await confirmed('bob')).toEqual(['link', 'verifiedEmail']);
    });

    it('make the same rows again from nothing, whatever was claimed in between', async () => {
      await keys.resolve(signIn('ada'));
      await record(provisioned('ada', { externalId: 'e1' }), provisioned('bob'));
      await follower.catchUp();
      await keys.resolve(signIn('ada', { userName: 'countess' }));
      await record(linked('ada', 'x'), updated('ada', { userName: 'countess' }), updated('bob', { userName: 'ada' }));
      now += 60_000;
      await follower.catchUp();
      await record(unlinked('ada', 'x'), linked('bob', 'x'), deactivated('bob'));
      await follower.catchUp();
      const live = await rows();
      await readAgainFromNothing();
      expect(await rows()).toEqual(live);
      expect(live.keys).toHaveLength(5);
    });

    it('hold nothing of an erased person after reading again', async () => {
      await record(provisioned('ada', { externalId: 'e1' }), provisioned('bob'), linked('ada', 'x'));
      await vault.erase({ tenant, subject: id('ada') });
      await readAgainFromNothing();
      expect(await confirmed('ada')).toEqual([]);
      expect(await confirmed('bob')).toEqual(['link', 'userName', 'verifiedEmail']);
    });

    it('are read once when several processes follow at once', async () => {
      const people = Array.from({ length: 250 }, (_, n) => provisioned(`p${n}`));
      await record(...people);
      await Promise.all([newFollower().catchUp(), newFollower().catchUp(), newFollower().catchUp()]);
      const { keys: all } = await rows();
      expect(all).toHaveLength(750);
      await readAgainFromNothing();
      expect((await rows()).keys).toEqual(all);
    }, 30_000); // 250 people encrypted and read four times: long on a busy machine

    it('sweep abandoned claims only after reading to the head', async () => {
      await keys.resolve(signIn('ada'));
      await record(provisioned('ada'));
      await keys.resolve(signIn('eve'));
      now += CLAIM_LIFETIME_MS + 1;
      expect((await rows()).keys).toHaveLength(4);
      expect(await follower.sweep()).toBeGreaterThanOrEqual(2);
      expect(await confirmed('ada')).toEqual(['link', 'userName', 'verifiedEmail']);
      expect((await rows()).keys).toHaveLength(3);
    });

    it('follow live, and allow new accounts from the moment the head seen at start is reached', async () => {
      await record(provisioned('ada'));
      const guarded = identityKeys({ database, keyring, clock, caughtUp: follower.caughtUp });
      await expect(guarded.resolve(signIn('ada'))).rejects.toThrow(IdentityKeysBehindError);
      const stop = new AbortController();
      const running = follower.run(stop.signal);
      await until(() => follower.caughtUp());
      expect(await guarded.resolve(signIn('ada', { proposedAccountId: id('another') }))).toEqual({
        how: 'link',
        directory: 'staff',
        accountId: id('ada'),
      });
      await record(provisioned('bob'));
      await until(async () => (await confirmed('bob')).length === 3);
      stop.abort();
      await running;
      expect(failures).toEqual([]);
    });

    it('reach a head that ends with events of others', async () => {
      const stream = streamName({ category: 'signOut', tenant, id: id('out') });
      const metadata = { actor: SYSTEM, commandId: id('out'), commandDigest: '', correlationId: 'r' };
      const data = { account: id('ada'), connection: 'okta', signIn: null };
      const event = {
        id: id('out'),
        type: 'SignedOut',
        stream,
        recordedAt: new Date(now).toISOString(),
        data,
        metadata,
      };
      await store.append(stream, -1, await codec.encode([event]));
      const stop = new AbortController();
      const running = follower.run(stop.signal);
      await until(() => follower.caughtUp());
      stop.abort();
      await running;
    });

    it('refuse to go on beyond the end of a store that was replaced by an older one', async () => {
      await follower.catchUp();
      await database.query('update identity.checkpoints set store_position = 1000000');
      await expect(follower.catchUp()).rejects.toThrow(FollowerAheadError);
      await readAgainFromNothing();
    });

    it('stop before an event that they do not understand, and say so', async () => {
      await record(provisioned('ada'), provisioned('bob'));
      await follower.catchUp();
      const before = await rows();
      const stream = streamName({ category: 'account', tenant, id: id('ada') });
      const metadata = { actor: SYSTEM, commandId: id('merge'), commandDigest: '', correlationId: 'r' };
      const strange = {
        id: id('merge'),
        type: 'AccountsMerged',
        schemaVersion: 1,
        recordedAt: new Date(now).toISOString(),
        data: {},
        metadata,
      };
      await store.append(stream, 0, [strange]);
      await expect(follower.catchUp()).rejects.toThrow(/AccountsMerged/);
      await expect(follower.sweep()).rejects.toThrow(/AccountsMerged/);
      expect(await rows()).toEqual(before);
    });
  });
});

const SYSTEM = { kind: 'system', id: 'test' } as const;

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error('The condition did not come true within 10 s.');
    await new Promise((resolve) => setImmediate(resolve));
  }
}
