/** Metadata of identity providers over time: read at once, again and again, and believed only as long as it may be. */
import 'reflect-metadata'; // the certificate library resolves its algorithms through it
import { webcrypto } from 'node:crypto';
import { X509CertificateGenerator } from '@peculiar/x509';
import type { ConnectionSettings } from '#libs/contracts';
import { egress } from '#libs/egress';
import { certificateExpiry } from '#libs/federation';
import { createIdentityProviderKey, type IdentityProviderKey } from '#libs/saml-idp';
import { connectionSettings } from '#libs/testing';
import { MetadataTask } from './metadata.task.js';
import { MetadataReader } from './metadata-reader.js';
import { MetadataRefreshes } from './metadata-refreshes.js';
import { DAY, HOUR, MINUTE, metadataOf, type Publisher, publish, UpkeepBench } from './upkeep.fixture.js';

jest.setTimeout(60_000);

let first: IdentityProviderKey;
let second: IdentityProviderKey;
let bench: UpkeepBench;
let publisher: Publisher;
let refreshes: MetadataRefreshes;
let task: MetadataTask;
/** The connection of the test: ids are never used again. */
let okta: string;
let count = 0;

beforeAll(async () => {
  bench = await UpkeepBench.open();
  const { now } = bench;
  first = await createIdentityProviderKey({ commonName: 'first', now });
  second = await createIdentityProviderKey({ commonName: 'second', now });
});
beforeEach(async () => {
  count += 1;
  okta = `okta-${count}`;
  publisher = await publish(metadataOf(first));
  ({ refreshes, task } = over(['127.0.0.1']));
});
afterEach(async () => {
  await bench.clear();
  await publisher.close();
});
afterAll(() => bench.close());

type Overrides = NonNullable<Parameters<typeof connectionSettings>[0]>;

/** Settings of a connection that reads its metadata somewhere. */
function readingFrom(url: string, saml: NonNullable<Overrides['saml']> = {}): ConnectionSettings {
  const metadata = { url, pinnedCertificate: null, refreshEvery: 'PT1H' };
  return connectionSettings({ saml: { idpEntityId: null, ssoUrl: null, certificates: [], metadata, ...saml } });
}

/** A certificate over an RSA key of 1024 bits. */
async function shortKeyCertificate(): Promise<string> {
  const signingAlgorithm = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };
  const shape = { ...signingAlgorithm, modulusLength: 1024, publicExponent: new Uint8Array([1, 0, 1]) };
  const keys = (await webcrypto.subtle.generateKey(shape, true, ['sign', 'verify'])) as CryptoKeyPair;
  const dates = { notBefore: bench.now, notAfter: new Date(bench.now.getTime() + 365 * DAY) };
  const name = [{ CN: ['short'] }];
  const certificate = await X509CertificateGenerator.createSelfSigned({ name, ...dates, signingAlgorithm, keys });
  return certificate.toString('pem');
}

/** Upkeep of metadata that may reach these private hosts. */
function over(allow: readonly string[]) {
  const { engine, commands } = bench;
  const environment = { publicUrl: 'https://gatebook.example' };
  const reader = new MetadataReader(egress({ allow }), environment, engine.clock);
  const made = new MetadataRefreshes(reader, commands, engine.writePath);
  return { refreshes: made, task: new MetadataTask(made, commands, engine.catalog, engine.clock) };
}

const typesOf = async (id = okta) => (await bench.events('connection', id)).map(({ type }) => type);
const REFRESHED = 'ConnectionMetadataRefreshed';
const REFUSED = 'ConnectionMetadataRefused';

describe('the metadata of a connection', () => {
  it('is read as soon as the connection is there, and is in force then', async () => {
    await bench.configure(okta, readingFrom(publisher.url));
    await bench.look(task);
    expect(await typesOf()).toEqual(['ConnectionRegistered', REFRESHED]);
    expect((await bench.connection(okta)).settings?.saml).toMatchObject({
      idpEntityId: 'https://idp.example',
      ssoUrl: 'https://idp.example/sso',
      certificates: [first.certificatePem],
    });
  });

  it('is not asked for again before it is due, also not by the process that takes over', async () => {
    await bench.configure(okta, readingFrom(publisher.url));
    await bench.look(task);
    bench.passes(53 * MINUTE);
    await bench.look(task);
    await bench.takenOver();
    await bench.look(task);
    expect(publisher.asked).toBe(1);
    bench.passes(7 * MINUTE);
    await bench.look(task);
    expect(publisher.asked).toBe(2);
  });

  it('leaves one event for each change, and none where it says what it said', async () => {
    await bench.configure(okta, readingFrom(publisher.url));
    await bench.look(task);
    bench.passes(HOUR);
    await bench.look(task);
    expect(await typesOf()).toHaveLength(2);
    publisher.document = metadataOf(second);
    bench.passes(HOUR);
    await bench.look(task);
    expect((await bench.events('connection', okta)).at(-1)).toMatchObject({
      type: REFRESHED,
      data: { url: publisher.url, changed: ['certificates'] },
    });
  });

  it('is read at once when its address changes', async () => {
    await bench.configure(okta, readingFrom(publisher.url));
    await bench.look(task);
    const moved = await publish(metadataOf(second));
    try {
      await bench.configure(okta, readingFrom(moved.url));
      await bench.look(task);
      expect([publisher.asked, moved.asked]).toEqual([1, 1]);
      expect((await bench.connection(okta)).settings?.saml?.certificates).toEqual([second.certificatePem]);
    } finally {
      await moved.close();
    }
  });

  it('is read once for a connection that admits nobody, so that it can be tried', async () => {
    await bench.configure(okta, readingFrom(publisher.url), false);
    await bench.look(task);
    bench.passes(2 * HOUR);
    await bench.look(task);
    expect(publisher.asked).toBe(1);
    expect(await typesOf()).toEqual(['ConnectionRegistered', REFRESHED]);
  });

  it('is asked for no more often than every 5 minutes, whatever the settings say', async () => {
    const metadata = { url: publisher.url, pinnedCertificate: null, refreshEvery: 'PT1S' };
    await bench.configure(okta, readingFrom(publisher.url, { metadata }));
    await bench.look(task);
    bench.passes(5 * MINUTE - 1);
    await bench.look(task);
    expect(publisher.asked).toBe(1);
    bench.passes(1);
    await bench.look(task);
    expect(publisher.asked).toBe(2);
  });

  it('is asked for in time before it ends, although its turn would come later', async () => {
    const metadata = { url: publisher.url, pinnedCertificate: null, refreshEvery: 'P30D' };
    const [in10Days, in20Days] = [10, 20].map((days) => new Date(bench.now.getTime() + days * DAY));
    publisher.document = metadataOf(first, in10Days);
    await bench.configure(okta, readingFrom(publisher.url, { metadata }));
    await bench.look(task);
    publisher.document = metadataOf(first, in20Days);
    bench.passes(9 * DAY + HOUR);
    await bench.look(task);
    expect((await bench.connection(okta)).metadata?.validUntil).toBe(in20Days?.toISOString());
  });
});

describe('metadata that cannot be read or believed', () => {
  it('leaves in force what was read before, and is tried again later and later', async () => {
    await bench.configure(
      okta,
      readingFrom(publisher.url, { metadata: { url: publisher.url, pinnedCertificate: null, refreshEvery: 'P1D' } }),
    );
    await bench.look(task);
    publisher.document = null;
    bench.passes(DAY);
    await bench.look(task);
    const connection = await bench.connection(okta);
    expect(connection.settings?.saml?.certificates).toEqual([first.certificatePem]);
    expect(connection.metadataRefusal?.code).toBe('metadata-unavailable');
    for (const wait of [5 * MINUTE, 10 * MINUTE, 20 * MINUTE]) {
      const before = publisher.asked;
      bench.passes(wait - 1);
      await bench.look(task);
      expect(publisher.asked).toBe(before);
      bench.passes(1);
      await bench.look(task);
      expect(publisher.asked).toBe(before + 1);
    }
  });

  it('is recorded when it begins, when the reason changes, and when it is over', async () => {
    await bench.configure(okta, readingFrom(publisher.url));
    await bench.look(task);
    for (const document of [null, null, 'nonsense', 'nonsense', metadataOf(first)]) {
      publisher.document = document;
      bench.passes(HOUR);
      await bench.look(task);
    }
    const events = (await bench.events('connection', okta)).slice(2);
    expect(events.map(({ type, data }) => [type, (data as { code?: string }).code])).toEqual([
      [REFUSED, 'metadata-unavailable'],
      [REFUSED, 'metadata-malformed'],
      [REFRESHED, undefined],
    ]);
    expect((await bench.connection(okta)).metadataRefusal).toBeNull();
  });

  it.each<[string, string, () => string, object]>([
    ['of another entity', 'metadata-entity-missing', () => metadataOf(first), { idpEntityId: 'https://other.example' }],
    ['past its end', 'metadata-expired', () => metadataOf(first, bench.now), {}],
    [
      'with an address that is none',
      'metadata-malformed',
      () => metadataOf({ ...first, ssoUrl: 'javascript:alert(1)' }),
      {},
    ],
  ])('%s: %s', async (_, code, document, saml) => {
    publisher.document = document();
    await bench.configure(okta, readingFrom(publisher.url, saml));
    await bench.look(task);
    expect(await typesOf()).toEqual(['ConnectionRegistered', REFUSED]);
    expect((await bench.connection(okta)).metadataRefusal?.code).toBe(code);
  });

  it('with a key that is too short takes nothing over, so that what works goes on', async () => {
    await bench.configure(okta, readingFrom(publisher.url));
    await bench.look(task);
    publisher.document = metadataOf({ certificatePem: await shortKeyCertificate() });
    bench.passes(HOUR);
    await bench.look(task);
    const { settings, metadataRefusal } = await bench.connection(okta);
    expect(metadataRefusal).toMatchObject({ code: 'metadata-rejected', detail: expect.stringContaining('2048') });
    expect(settings?.saml?.certificates).toEqual([first.certificatePem]);
  });

  it('of another provider than the one on record takes nothing over, however often it is read, until it is named', async () => {
    await bench.configure(okta, readingFrom(publisher.url));
    await bench.look(task);
    publisher.document = metadataOf({ ...second, entityId: 'https://other.example' });
    for (const _turn of [1, 2]) {
      bench.passes(HOUR);
      await bench.look(task);
    }
    expect(await typesOf()).toEqual(['ConnectionRegistered', REFRESHED, REFUSED]);
    expect((await bench.connection(okta)).settings?.saml?.certificates).toEqual([first.certificatePem]);
    const again = await refreshes.refresh(await bench.connection(okta), bench.metadata());
    expect(again).toMatchObject({ result: 'refused', refusal: { code: 'metadata-entity-changed' } });
    await bench.configure(okta, readingFrom(publisher.url, { idpEntityId: 'https://other.example' }));
    await bench.look(task);
    expect((await bench.connection(okta)).settings?.saml?.certificates).toEqual([second.certificatePem]);
  });

  it('unsigned, where a certificate is pinned, is not believed', async () => {
    const metadata = { url: publisher.url, pinnedCertificate: second.certificatePem, refreshEvery: 'PT1H' };
    await bench.configure(okta, readingFrom(publisher.url, { metadata }));
    await bench.look(task);
    expect((await bench.connection(okta)).metadataRefusal?.code).toBe('metadata-signature-invalid');
  });

  it('at an address inside, which the operator has not allowed, is not even asked for', async () => {
    await bench.configure(okta, readingFrom(publisher.url));
    await bench.look(over([]).task);
    expect(publisher.asked).toBe(0);
    expect((await bench.connection(okta)).metadataRefusal?.code).toBe('egress-address-refused');
  });

  it('holds nobody else up', async () => {
    await bench.configure('broken', readingFrom('http://127.0.0.1:1/metadata'));
    await bench.configure(okta, readingFrom(publisher.url));
    await bench.look(task);
    expect([await typesOf('broken'), await typesOf(okta)]).toEqual([
      ['ConnectionRegistered', REFUSED],
      ['ConnectionRegistered', REFRESHED],
    ]);
  });
});

describe('a refresh that somebody asks for', () => {
  const refresh = async (commandId?: string) =>
    refreshes.refresh(await bench.connection(okta), bench.metadata(commandId));
  const print = ({ certificatePem }: IdentityProviderKey) => certificateExpiry(certificatePem, bench.now).sha256;

  it('answers what has changed', async () => {
    await bench.configure(okta, readingFrom(publisher.url));
    await refresh();
    expect(await refresh()).toMatchObject({ result: 'unchanged', changes: [], refusal: null });
    publisher.document = metadataOf({ ...second, ssoUrl: 'https://login.example/sso' });
    expect(await refresh()).toMatchObject({
      result: 'refreshed',
      changes: [
        { fact: 'ssoUrl', before: 'https://idp.example/sso', after: 'https://login.example/sso' },
        { fact: 'certificate', before: print(first), after: null },
        { fact: 'certificate', before: null, after: print(second) },
      ],
      state: { version: 3 },
    });
  });

  it('asked for twice by the same command answers the same and records once', async () => {
    await bench.configure(okta, readingFrom(publisher.url));
    const commandId = '5b1c0f0e-7d4f-4f0e-8a58-0f6d3b6b8a11';
    const { changes } = await refresh(commandId);
    publisher.document = null;
    expect(await refresh(commandId)).toMatchObject({ result: 'refreshed', changes });
    expect(await typesOf()).toEqual(['ConnectionRegistered', REFRESHED]);
  });

  it('says why it was refused', async () => {
    publisher.document = null;
    await bench.configure(okta, readingFrom(publisher.url));
    expect(await refresh()).toMatchObject({
      result: 'refused',
      changes: [],
      refusal: { code: 'metadata-unavailable' },
    });
  });

  it('is refused itself where the settings name no address', async () => {
    await bench.configure(okta, readingFrom(publisher.url, { metadata: null }));
    await expect(refresh()).rejects.toMatchObject({ code: 'no-metadata-address' });
  });
});
