/** Segregation of duties at the door: nobody is refused for it, what must not be held together is kept back and recorded. */
import { randomUUID } from 'node:crypto';
import { accountDecider, policyDecider, roleDecider, rolesHeld, sodExceptionDecider } from '#libs/domain';
import { decideAndAppend, readAggregate } from '#libs/event-store';
import { streamName } from '#libs/kernel';
import { connectionSettings, FakeOpenIdProvider, rule } from '#libs/testing';
import { type GateServer, startGate } from '../gate-server.fixture.js';
import { BearerSignIns } from './bearer-sign-ins.js';
import type { SignInOutcome } from './sign-in.handler.js';

jest.setTimeout(60_000);

const ISSUER = 'https://hr.example';
const AUDIENCE = 'https://gatebook.example/op/token';
const ROLES = ['pay.create', 'pay.approve'];

let gate: GateServer;
let issuer: FakeOpenIdProvider;
beforeAll(async () => {
  gate = await startGate();
  const client = { clientId: 'unused', clientSecret: 'unused', redirectUri: 'https://unused.example' };
  issuer = await FakeOpenIdProvider.start({ client, now: () => new Date() });
  const settings = connectionSettings({
    protocol: 'jwt',
    saml: null,
    jwt: {
      issuer: ISSUER,
      jwksUri: `${issuer.origin}/jwks`,
      audiences: [AUDIENCE],
      algorithms: ['RS256'],
      maxAge: 'PT5M',
      clockSkew: 'PT30S',
    },
    attributes: { userName: 'email', email: 'email' },
    rules: ROLES.map((role) => rule(role.replace('pay.', ''), role, [role])),
  });
  for (const role of ROLES) await defineRole(role);
  await gate.connect('hr', settings);
  await configurePolicy('preventive');
});
afterAll(async () => {
  await issuer?.close();
  await gate?.close();
});

const stream = (category: string, id: string) => streamName({ category, tenant: 'acme', id });

async function defineRole(role: string): Promise<void> {
  const settings = { application: 'pay', name: role, privileged: false, risk: 'low', maxDuration: null } as const;
  await decideAndAppend(gate.path, stream('role', role), roleDecider, {
    type: 'DefineRole',
    data: { role, settings, owner: null, managedBy: 'config', reason: null },
    metadata: gate.metadata(`role ${role}`),
  });
}

async function configurePolicy(mode: 'detective' | 'preventive'): Promise<void> {
  await decideAndAppend(gate.path, stream('policy', 'maker-checker'), policyDecider, {
    type: 'ConfigurePolicy',
    data: {
      policy: 'maker-checker',
      settings: { kind: 'sod', roles: ROLES.map((role) => [role]), mode, owner: null },
      enabled: true,
      managedBy: 'config',
      reason: null,
    },
    metadata: gate.metadata(`policy ${mode} ${randomUUID()}`),
  });
}

async function except(account: string): Promise<void> {
  const exception = randomUUID();
  const until = new Date(Date.now() + 86_400_000).toISOString();
  await decideAndAppend(gate.path, stream('sodException', exception), sodExceptionDecider, {
    type: 'GrantSodException',
    data: {
      exception,
      policy: 'maker-checker',
      account,
      sets: ROLES.map((role) => [role]),
      owner: 'olga@acme.example',
      control: 'looked at every week',
      until,
      by: null,
      reason: 'one person in the office',
    },
    metadata: gate.metadata(`exception ${exception}`),
  });
}

/** A person signs in with these groups. */
async function comes(person: string, ...groups: string[]): Promise<SignInOutcome> {
  const now = Math.floor(Date.now() / 1000);
  const said = { sub: person, email: `${person}@acme.example`, groups };
  const claims = { iss: ISSUER, aud: AUDIENCE, iat: now, exp: now + 120, jti: randomUUID(), ...said };
  return gate.app.get(BearerSignIns, { strict: false }).signIn({
    connection: 'hr',
    assertion: await issuer.sign({ claims }),
    client: { address: '127.0.0.1', userAgent: 'test' },
    requestId: randomUUID(),
  });
}

const stateOf = async ({ account }: SignInOutcome) =>
  (await readAggregate(gate.path, stream('account', account), accountDecider)).state;
const rolesOf = async (outcome: SignInOutcome) => rolesHeld(await stateOf(outcome), new Date().toISOString());

describe('a sign-in under a preventive policy', () => {
  it('keeps the new role back beside the one that is held, and gives it once an exception is granted', async () => {
    const first = await comes('ada', 'pay.create');
    const second = await comes('ada', 'pay.create', 'pay.approve');
    expect(await rolesOf(second)).toEqual(['pay.create']);
    expect((await stateOf(second)).keptBack.get('hr')?.conflicts).toEqual([
      expect.objectContaining({ policy: 'maker-checker', held: ['pay.create'] }),
    ]);
    await except(first.account);
    const third = await comes('ada', 'pay.create', 'pay.approve');
    expect((await rolesOf(third)).sort()).toEqual([...ROLES].sort());
    expect((await stateOf(third)).keptBack.size).toBe(0);
  });

  it('gives neither of two that are both new', async () => {
    const outcome = await comes('bo', 'pay.create', 'pay.approve');
    expect(await rolesOf(outcome)).toEqual([]);
    expect((await stateOf(outcome)).keptBack.get('hr')?.conflicts).toEqual([expect.objectContaining({ held: [] })]);
  });

  it('gives both when the policy only looks', async () => {
    await configurePolicy('detective');
    expect((await rolesOf(await comes('cleo', 'pay.create', 'pay.approve'))).sort()).toEqual([...ROLES].sort());
  });
});
