import { randomUUID } from 'node:crypto';
import { type Application, claimsOf, crm, signInTo, startWithApplications } from './support/applications.js';
import { api, type Installation } from './support/installation.js';
import type { TestPerson } from './support/test-idp.js';

const person = (name: string): TestPerson => ({ nameId: `id-of-${name}`, email: `${name}@acme.example`, groups: [] });

// Goal: an application that asks is told what holds now, about its own roles and its own tenant.
describe('access decisions', () => {
  let installation: Installation;
  beforeAll(async () => {
    installation = await startWithApplications();
  }, 60_000);
  afterAll(() => installation?.server.stop());

  const deactivate = (account: unknown) =>
    api(installation.server, `/api/v1/accounts/${account}/deactivate?tenant=acme`, {
      method: 'POST',
      body: { reason: 'left' },
    });

  const ask = async (body: object, application: Application | null = crm, path = 'evaluation') => {
    const basic = application && Buffer.from(`${application.clientId}:${application.secret}`).toString('base64');
    const answer = await fetch(`${installation.server.url}/access/v1/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(basic ? { authorization: `Basic ${basic}` } : {}) },
      body: JSON.stringify(body),
    });
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  };
  const about = (id: unknown, action = 'reader', resource = { type: 'application', id: 'crm' }) => ({
    subject: { type: 'account', id },
    action: { name: action },
    resource,
  });

  it('say whether an account may do this in this application, and by which grant', async () => {
    const { sub } = claimsOf((await signInTo(crm, installation, person('sue'))).id_token);
    const { status, body } = await ask(about(sub));
    expect([status, body]).toEqual([
      200,
      {
        decision: true,
        context: { reason: 'granted', text: expect.any(String), grant: expect.any(String), role: 'crm.reader' },
      },
    ]);
    expect((await ask(about(sub, 'admin'))).body).toMatchObject({
      decision: false,
      context: { reason: 'role-not-held' },
    });
    expect((await ask(about(sub, 'hold', { type: 'role', id: 'crm.reader' }))).body).toMatchObject({
      decision: true,
    });
    await deactivate(sub);
    expect((await ask(about(sub))).body).toMatchObject({
      decision: false,
      context: { reason: 'account-not-active' },
    });
  });

  it('deny what is unknown, of another application or of another tenant', async () => {
    const { sub } = claimsOf((await signInTo(crm, installation, person('tom'))).id_token);
    const reasons = await Promise.all(
      [
        about(randomUUID()),
        about('tom@acme.example'),
        about(sub, 'access', { type: 'application', id: 'ledger' }),
        about(sub, 'write', { type: 'document', id: '1' }),
        about(sub, 'owner'),
      ].map(async (question) => {
        const { body } = await ask(question);
        return [body['decision'], (body['context'] as { reason: string }).reason];
      }),
    );
    expect(reasons).toEqual([
      [false, 'no-such-account'],
      [false, 'unknown-subject-type'],
      [false, 'not-your-application'],
      [false, 'unknown-resource-type'],
      [false, 'no-such-role'],
    ]);
    const theirs = { clientId: 'globex-crm', secret: crm.secret, redirectUri: '' };
    expect((await ask(about(sub), theirs)).body).toMatchObject({
      decision: false,
      context: { reason: 'no-such-account' },
    });
  });

  it('come many at a time, up to a limit, and stop where they are told to', async () => {
    const { sub } = claimsOf((await signInTo(crm, installation, person('uma'))).id_token);
    const { subject, resource } = about(sub);
    const evaluations = ['reader', 'admin', 'reader'].map((name) => ({ action: { name } }));
    const decisions = async (semantic: string) => {
      const options = { evaluations_semantic: semantic };
      const { body } = await ask({ subject, resource, evaluations, options }, crm, 'evaluations');
      return (body['evaluations'] as { decision: boolean }[]).map(({ decision }) => decision);
    };
    expect(await decisions('execute_all')).toEqual([true, false, true]);
    expect(await decisions('deny_on_first_deny')).toEqual([true, false]);
    expect(await decisions('permit_on_first_permit')).toEqual([true]);
    const tooMany = Array.from({ length: 201 }, () => ({ action: { name: 'reader' } }));
    expect((await ask({ subject, resource, evaluations: tooMany }, crm, 'evaluations')).status).toBe(400);
  });

  it('are for those who prove who they are', async () => {
    expect((await ask(about(randomUUID()), null)).status).toBe(401);
    expect((await ask(about(randomUUID()), { ...crm, secret: 'wrong-secret-of-some-length' })).status).toBe(401);
  });

  it('are also for API keys that may read, about the whole tenant', async () => {
    const { sub } = claimsOf((await signInTo(crm, installation, person('vic'))).id_token);
    const question = { ...about(sub, 'access', { type: 'application', id: 'ledger' }), context: { tenant: 'acme' } };
    const { body } = await api(installation.server, '/access/v1/evaluation', { method: 'POST', body: question });
    expect(body).toMatchObject({ decision: false, context: { reason: 'role-not-held' } });
  });
});
