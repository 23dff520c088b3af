/** The verifier with its threads: it starts the compiled worker, so the project has to be built. */
import { Worker } from 'node:worker_threads';
import { buildLogoutRequest, type IdentityProviderKey, signedQuery } from '#libs/saml-idp';
import { SamlRefusedError } from './saml-refused.error.js';
import { SamlVerifier } from './saml-verifier.js';
import { IdentityProviderFixture } from './signed-response.fixture.js';

let idp: IdentityProviderFixture;
const open: SamlVerifier[] = [];
const verifier = (options = {}) => {
  const made = new SamlVerifier({ threads: 2, timeoutMs: 5_000, ...options });
  open.push(made);
  return made;
};
beforeAll(async () => {
  idp = await IdentityProviderFixture.create();
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((each) => each.close()));
});

describe('the verifier', () => {
  it('accepts a response and gives the same as the verification itself', async () => {
    const assertion = await verifier().verify(idp.job(idp.write()));
    expect(assertion).toMatchObject({ nameId: { value: 'ada' }, assertionId: '_assertion-1', initiatedBy: 'sp' });
    expect([...assertion.attributes]).toEqual([
      ['email', ['ada@acme.example']],
      ['groups', ['Engineering', 'crm-admins']],
    ]);
  });

  it('refuses with a code, a status, and the evidence where the signature was valid', async () => {
    const saml = verifier();
    const refusal = (xml: string) => saml.verify(idp.job(xml)).catch((error: unknown) => error);
    const signed = await refusal(idp.write({ spec: { audience: 'https://other.example' } }));
    expect(signed).toBeInstanceOf(SamlRefusedError);
    expect(signed).toMatchObject({
      code: 'wrong-audience',
      status: 400,
      verified: true,
      assertionId: '_assertion-1',
      issuer: 'https://idp.example/metadata',
    });
    expect(await refusal(idp.write({ sign: 'none' }))).toMatchObject({
      code: 'invalid-signature',
      verified: false,
      assertionId: undefined,
    });
    expect(await refusal('x'.repeat(300_000))).toMatchObject({ code: 'too-large', status: 413, kind: 'tooLarge' });
  });

  it('says nothing personal when it refuses', async () => {
    const forge = (xml: string) => xml.replace('ada@acme.example', 'eve@acme.example');
    const error = await verifier()
      .verify(idp.job(idp.write({ forge })))
      .catch((cause: Error) => cause);
    expect(`${JSON.stringify(error)} ${String(error)}`).not.toMatch(/acme|ada|eve/);
  });

  it('refuses settings that cannot work before it starts anything', async () => {
    const job = idp.job(idp.write(), { settings: idp.settings({ certificates: [] }) });
    await expect(verifier().verify(job)).rejects.toMatchObject({ code: 'saml-settings-invalid' });
  });

  it('refuses a response that takes too long, and goes on', async () => {
    const saml = verifier({ timeoutMs: 1 });
    const many = Array.from({ length: 900 }, (_, n) => `cn=group-${n},ou=groups,dc=acme,dc=example`);
    const slow = idp.job(idp.write({ spec: { attributes: [{ name: 'groups', values: many }] } }));
    await saml.warmUp();
    await expect(saml.verify(slow)).rejects.toMatchObject({
      code: 'verification-timeout',
      status: 400,
      verified: false,
    });
    await expect(verifier().verify(slow)).resolves.toMatchObject({ nameId: { value: 'ada' } });
  });

  it("lets nobody wait for somebody else's hostile responses", async () => {
    const saml = verifier();
    await saml.warmUp();
    const hostile = idp.job(
      idp.write({ forge: (xml) => xml.replace('<samlp:Status>', `<samlp:Status>${'<a/>'.repeat(20_000)}`) }),
    );
    const outcomes = await Promise.allSettled([
      ...Array.from({ length: 20 }, () => saml.verify(hostile)),
      saml.verify(idp.job(idp.write())),
    ]);
    expect(outcomes.at(-1)).toMatchObject({ status: 'fulfilled' });
    expect(outcomes.filter(({ status }) => status === 'rejected')).toHaveLength(20);
  });

  it('accepts 100 responses at once', async () => {
    const saml = verifier();
    const job = idp.job(idp.write());
    const all = await Promise.all(Array.from({ length: 100 }, () => saml.verify(job)));
    expect(new Set(all.map(({ nameId }) => nameId.value))).toEqual(new Set(['ada']));
  });

  it('turns away whoever comes when enough wait already, and serves those', async () => {
    const saml = verifier({ threads: 1, queueLimit: 5 });
    const job = idp.job(idp.write());
    const outcomes = Array.from({ length: 12 }, () => saml.verify(job));
    expect(saml.waiting).toBe(5);
    const settled = await Promise.allSettled(outcomes);
    expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(5);
    expect(settled.at(-1)).toMatchObject({ reason: { code: 'verification-busy', kind: 'unavailable' } });
    expect(saml.waiting).toBe(0);
    await expect(saml.verify(job)).resolves.toMatchObject({ nameId: { value: 'ada' } });
  });

  it('verifies messages of single logout', async () => {
    const about = { key: idp.key, id: '_logout-1', idpEntityId: 'https://idp.example/metadata', now: idp.now };
    const spec = { ...about, destination: null, nameId: { value: 'ada' }, sessionIndexes: ['s-1'] };
    const xml = buildLogoutRequest(spec, 'none');
    const logout = (key: IdentityProviderKey) => {
      const received = { binding: 'redirect', query: signedQuery({ field: 'SAMLRequest', xml, key }) } as const;
      return verifier().verifyLogout({ settings: idp.settings(), received, pendingRequestId: null, now: idp.now });
    };
    expect(await logout(idp.key)).toMatchObject({ kind: 'request', nameId: { value: 'ada' }, sessionIndexes: ['s-1'] });
    await expect(logout(idp.stranger)).rejects.toMatchObject({ code: 'invalid-signature', status: 400 });
  });

  it('opens encrypted assertions, and is never told the key that we sign with', async () => {
    const own = { encryption: 'accept', decryptionKeys: [idp.own.privateKeyPem], signingKey: idp.own } as const;
    const job = idp.job(idp.write({ encrypt: {} }), { settings: idp.settings(own) });
    const sent = jest.spyOn(Worker.prototype, 'postMessage');
    expect(await verifier().verify(job)).toMatchObject({ nameId: { value: 'ada' } });
    const [[message] = []] = sent.mock.calls;
    sent.mockRestore();
    expect(message).toMatchObject({ job: { verify: 'response', job: { settings: { signingKey: null } } } });
  });

  it('explains a captured response', async () => {
    const explained = await verifier().explain({ settings: idp.settings(), response: idp.write(), now: idp.now });
    expect(explained).toMatchObject({ accepted: true, assertion: { nameId: { value: 'ada' } } });
    expect(explained.assertion?.attributes.get('groups')).toEqual(['Engineering', 'crm-admins']);
  });

  it('takes nothing more once it is closed', async () => {
    const saml = verifier();
    await saml.close();
    await expect(saml.verify(idp.job(idp.write()))).rejects.toMatchObject({
      code: 'worker-pool-closed',
      kind: 'unavailable',
    });
  });
});
