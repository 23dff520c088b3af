/** What a connection's settings mean for its protocol, and until when. */
import { connectionSettings, sampleMetadata } from '#libs/testing';
import type { KnownConnection } from './known-connection.js';
import { ProtocolSettings } from './protocol-settings.js';

const UNTIL = '2026-03-02T08:00:00.000Z';

describe('a connection that reads the metadata of its identity provider', () => {
  const at = (now: string, validUntil: string | null) => {
    const clock = { now: () => new Date(now) };
    const settings = new ProtocolSettings({ publicUrl: 'https://gatebook.example' }, {} as never, {} as never, clock);
    const metadata = { ...sampleMetadata, validUntil };
    return settings.saml({ id: 'okta', tenant: 'acme', settings: connectionSettings(), metadata } as KnownConnection);
  };

  it('signs people in until the end of what was read, and nobody from then on', async () => {
    expect(await at('2026-03-02T07:59:59.999Z', UNTIL)).toMatchObject({ idpEntityId: sampleMetadata.idpEntityId });
    await expect(at(UNTIL, UNTIL)).rejects.toMatchObject({ code: 'provider-metadata-expired', kind: 'forbidden' });
  });

  it('signs people in for ever where the metadata names no end', async () => {
    expect(await at('2099-01-01T00:00:00.000Z', null)).toMatchObject({ ssoUrl: sampleMetadata.ssoUrl });
  });
});
