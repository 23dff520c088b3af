/** What is looked at again and again of a connection: its metadata, its certificates, and whose its domains are. */
import type { MetadataFacts } from '#libs/contracts';
import {
  type Asked,
  configureConnection as configured,
  deciding,
  connectionAfter as happened,
  nothing,
  records,
  refuses,
  sampleMetadata,
} from '#libs/testing';
import type {
  ConnectionCommand,
  LapseDomainProof,
  NoticeCertificateExpiry,
  ProveDomain,
  RefreshMetadata,
  RefuseMetadata,
  RuleAsWritten,
} from './connection.commands.js';
import { connectionDecider } from './connection.decider.js';
import { ownedDomains } from './owned-domains.js';

const connection = deciding(connectionDecider);
const gives = { set: {}, directory: null, refuse: false };
const admins: RuleAsWritten = { id: 'admins', when: { group: 'crm-admins' }, grant: ['crm.admin'], ...gives };
const everyone: RuleAsWritten = { id: 'everyone', when: 'always', grant: ['crm.reader'], ...gives };

describe('a connection whose settings name metadata', () => {
  const URL = 'https://idp.example/metadata';
  const saml = {
    metadata: { url: URL, pinnedCertificate: null, refreshEvery: 'P1D' },
    idpEntityId: null,
    ssoUrl: null,
    certificates: [],
  };
  const byMetadata = (words: Parameters<typeof configured>[0] = {}) => configured({ saml, ...words });
  const read = (facts: Partial<MetadataFacts> = {}, url = URL): Asked<RefreshMetadata> => ({
    type: 'RefreshMetadata',
    data: { url, documentSha256: 'a'.repeat(64), facts: { ...sampleMetadata, ...facts } },
  });
  const unread = (code = 'metadata-expired', url = URL): Asked<RefuseMetadata> => ({
    type: 'RefuseMetadata',
    data: { url, code, detail: 'The document is too old.' },
  });

  it('has what it says in force once it was read, at the next version, and is still written as it was', () => {
    const { state } = connection.given(...happened(byMetadata(), read()));
    expect(state).toMatchObject({
      version: 2,
      settings: { saml: { ssoUrl: 'https://idp.example/sso', idpEntityId: 'http://idp.example/okta' } },
      written: { saml: { ssoUrl: null, certificates: [] } },
    });
    expect(Object.keys(state.settings?.saml ?? {}).sort()).toEqual(Object.keys(state.written?.saml ?? {}).sort());
    connection
      .given(...happened(byMetadata(), read()))
      .when(byMetadata())
      .then(nothing);
  });

  it('records what changed, and nothing where nothing did', () => {
    const known = connection.given(...happened(byMetadata(), read()));
    known.when(read()).then(nothing);
    known
      .when(read({ ssoUrl: 'https://idp.example/new', sloBinding: 'post' }))
      .then(records('ConnectionMetadataRefreshed', { changed: ['sloBinding', 'ssoUrl'] }));
  });

  it('does not record every new signature: a later end of validity counts when the one on record is near', () => {
    const until = (day: string) => ({ validUntil: `2026-${day}T08:00:00.000Z` });
    const known = connection.given(...happened(byMetadata(), read(until('03-20'))));
    known.when(read(until('03-21'))).then(nothing);
    known
      .when({ ...read(until('03-27')), at: '2026-03-19T08:00:00.001Z' })
      .then(records('ConnectionMetadataRefreshed', { changed: ['validUntil'] }));
  });

  it('does not take over another provider’s, unless that was named', () => {
    const another = read({ idpEntityId: 'https://evil.example' });
    const known = connection.given(...happened(byMetadata(), read()));
    known.when(another).then(records('ConnectionMetadataRefused', { code: 'metadata-entity-changed' }));
    const refused = connection.given(...happened(byMetadata(), read(), another));
    expect(refused.state.settings?.saml?.idpEntityId).toBe('http://idp.example/okta');
    refused.when(another).then(nothing);
    refused.when(read()).then(records('ConnectionMetadataRefreshed', { changed: ['refusal'] }));
    connection
      .given(...happened(byMetadata(), read(), byMetadata({ saml: { ...saml, idpEntityId: 'https://evil.example' } })))
      .when(another)
      .then(records('ConnectionMetadataRefreshed', { changed: ['idpEntityId'] }));
  });

  it('passes over what was read at an address that it names no more', () => {
    const known = connection.given(...happened(byMetadata()));
    known.when(read({}, 'https://old.example/metadata')).then(nothing);
    known.when(unread('metadata-expired', 'https://old.example/metadata')).then(nothing);
    connection
      .given(...happened(configured()))
      .when(read())
      .then(nothing);
  });

  it('keeps in force what it said when other settings change, and drops it with the address', () => {
    const rules = happened(byMetadata(), read(), byMetadata({ rules: [admins] }));
    expect(connection.given(...rules).state.settings).toMatchObject({ saml: { ssoUrl: 'https://idp.example/sso' } });
    const moved = { ...saml, metadata: { ...saml.metadata, url: 'https://idp.example/elsewhere' } };
    const elsewhere = happened(byMetadata(), read(), configured({ saml: moved }));
    expect(connection.given(...elsewhere).state).toMatchObject({
      metadata: null,
      settings: { saml: { ssoUrl: null } },
    });
  });

  it('records that it cannot be read once for each reason, keeps what was read, and records that it can again', () => {
    const refused = connection.given(...happened(byMetadata(), read(), unread()));
    expect(refused.state).toMatchObject({
      version: 2,
      metadataRefusal: { code: 'metadata-expired' },
      settings: { saml: { ssoUrl: 'https://idp.example/sso' } },
    });
    refused.when(unread()).then(nothing);
    refused.when(unread('metadata-unreachable')).then(records('ConnectionMetadataRefused'));
    refused.when(read()).then(records('ConnectionMetadataRefreshed', { changed: ['refusal'] }));
    const again = connection.given(...happened(byMetadata(), read(), unread(), read()));
    expect(again.state.metadataRefusal).toBeNull();
  });

  it('gives rules no new version when metadata changes', () => {
    const { state } = connection.given(
      ...happened(byMetadata({ rules: [admins] }), read(), byMetadata({ rules: [admins, everyone] })),
    );
    expect(state.settings?.rules.map(({ version }) => version)).toEqual([1, 1]);
  });
});

describe('a certificate that is about to end', () => {
  const seen = (at: string, certificateSha256 = 'b'.repeat(64)): Asked<NoticeCertificateExpiry> => ({
    type: 'NoticeCertificateExpiry',
    data: { certificateSha256, notAfter: '2026-06-30T00:00:00.000Z' },
    at,
  });
  const warned = (daysBefore: number) => records('CertificateExpiryNoticed', { daysBefore });

  it.each([
    ['2026-05-31T00:00:00.000Z', 30],
    ['2026-06-10T00:00:00.000Z', 30],
    ['2026-06-16T00:00:00.000Z', 14],
    ['2026-06-24T00:00:00.000Z', 7],
    ['2026-06-29T12:00:00.000Z', 1],
    ['2026-06-30T00:00:00.000Z', 0],
    ['2027-01-01T00:00:00.000Z', 0],
  ])('is warned of at %s, as %i days before', (at, days) =>
    connection
      .given(...happened(configured()))
      .when(seen(at))
      .then(warned(days)),
  );

  it('is not warned of earlier, nor twice for the same distance, but for the next one, and each certificate by itself', () => {
    connection
      .given(...happened(configured()))
      .when(seen('2026-05-30T23:59:59.999Z'))
      .then(nothing);
    const once = connection.given(...happened(configured(), seen('2026-06-16T00:00:00.000Z')));
    once.when(seen('2026-06-20T00:00:00.000Z')).then(nothing);
    once.when(seen('2026-06-23T00:00:00.000Z')).then(warned(7));
    once.when(seen('2026-06-20T00:00:00.000Z', 'c'.repeat(64))).then(warned(14));
    connection
      .given(...happened(configured(), seen('2026-07-01T00:00:00.000Z')))
      .when(seen('2026-07-09T00:00:00.000Z'))
      .then(nothing);
  });
});

describe('a domain of a connection', () => {
  const proved = (domain: string): Asked<ProveDomain> => ({
    type: 'ProveDomain',
    data: { domain, recordName: `_gatebook.${domain}` },
  });
  const lapsed = (domain: string): Asked<LapseDomainProof> => ({ type: 'LapseDomainProof', data: { domain } });
  const byDns = (domains = ['acme.example', 'B.example']) => configured({ domainOwnership: 'dns', domains });
  const owned = (...commands: Asked<ConnectionCommand>[]) =>
    ownedDomains(connection.given(...happened(...commands)).state);

  it('is its own because the operator says so', () => expect(owned(configured())).toEqual(['acme.example']));

  it('is its own, where the DNS has to show it, once it does and while it does', () => {
    expect(owned(byDns())).toEqual([]);
    expect(owned(byDns(), proved('b.example'))).toEqual(['b.example']);
    expect(owned(byDns(), proved('b.example'), lapsed('B.EXAMPLE'))).toEqual([]);
  });

  it('is shown and lapses once', () => {
    connection
      .given(...happened(byDns(), proved('acme.example')))
      .when(proved('ACME.example'))
      .then(nothing);
    connection
      .given(...happened(byDns()))
      .when(lapsed('acme.example'))
      .then(nothing);
  });

  it('has to be shown again when it was left out for a while', () =>
    expect(owned(byDns(), proved('acme.example'), byDns(['b.example']), byDns())).toEqual([]));

  it('that the settings do not name cannot be shown', () =>
    connection
      .given(...happened(byDns()))
      .when(proved('evil.example'))
      .then(refuses('domain-not-named')));

  it('is nobody’s where there is no connection', () => {
    expect(ownedDomains(connectionDecider.initialState)).toEqual([]);
    connection.given().when(proved('acme.example')).then(refuses('connection-not-found'));
  });
});
