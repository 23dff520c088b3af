/** What a mapping would come to, before it is in force: judged by the deciders of real sign-ins, and nothing is recorded. */
import {
  accountOf,
  configure,
  eventually,
  type ProvisioningServer,
  rolesOf,
  sampleConfiguration,
  signIn,
  startProvisioning,
  temporaryFolder,
} from '../provisioning-server.fixture.js';
import type { MappingPreviewResultDto } from './mapping-preview.dto.js';
import { presentedClaims } from './presented-claims.js';

jest.setTimeout(60_000);

const folder = temporaryFolder();
let server: ProvisioningServer;

beforeAll(async () => {
  server = await startProvisioning(folder.path);
  await configure(server, await sampleConfiguration());
  await signIn(server, 'gil', ['sales']);
  await signIn(server, 'ida', null);
  await eventually(() => rolesOf(server, 'gil'), ['crm.reader', 'crm.writer']);
});
afterAll(async () => {
  await server?.close();
  folder.remove();
});

const ask = (body: object) => server.post('/api/v1/mappings/preview', { connection: 'okta', ...body });
const preview = async (body: object) => (await (await ask(body)).json()) as MappingPreviewResultDto;
const everyone = { id: 'everyone', when: 'always', grant: ['crm.reader'] };

describe('a preview', () => {
  it('of claims tells a stranger from what they would become, and verifies nothing', async () => {
    const { verification, people } = await preview({ claims: { sub: 'zoe', groups: ['sales', 'hr'] } });
    expect(verification).toEqual({ accepted: null, checks: [] });
    expect(people).toEqual([
      expect.objectContaining({
        account: null,
        found: 'new',
        subject: 'zoe',
        directory: 'staff',
        refusal: null,
        groups: ['sales', 'hr'],
        attributes: [{ attribute: 'userName', before: null, after: 'zoe' }],
        rolesGained: ['crm.reader', 'crm.writer'],
        rolesLost: [],
      }),
    ]);
  });

  it('of the last sign-ins says for each person what a proposed mapping gives, takes and leaves alone', async () => {
    const settings = { rules: [everyone, { id: 'sales', when: { group: 'marketing' }, grant: ['crm.writer'] }] };
    const { people } = await preview({ lastSignIns: 10, settings });
    const byAccount = new Map(people.map((person) => [person.account, person]));
    expect(byAccount.get(accountOf('gil'))).toMatchObject({
      rolesGained: [],
      rolesLost: ['crm.writer'],
      refusal: null,
    });
    expect(byAccount.get(accountOf('ida'))).toMatchObject({ rolesGained: [], rolesLost: [], groups: null });
    expect(
      byAccount.get(accountOf('gil'))?.judgements.map(({ rule, version, matched }) => [rule, version, matched]),
    ).toEqual([
      ['everyone', 1, true],
      ['sales', 2, false],
    ]);
    expect(await rolesOf(server, 'gil')).toEqual(['crm.reader', 'crm.writer']);
  });

  it('names the rule that would turn somebody away', async () => {
    const settings = { admission: { refuse: [{ id: 'no-sales', when: { group: 'sales' } }] } };
    const { people } = await preview({ lastSignIns: 10, settings });
    const gil = people.find(({ account }) => account === accountOf('gil'));
    expect(gil?.refusal).toMatchObject({ code: 'refused-by-rule', rule: 'no-sales' });
  });

  it('says when people would not be made', async () => {
    const { people } = await preview({ claims: { sub: 'zoe' }, settings: { jit: { create: false } } });
    expect(people[0]?.refusal?.code).toBe('jit-disabled');
  });

  it('of a response that is none says so, and shows nobody', async () => {
    const { verification, people } = await preview({ response: 'PHhtbC8+' });
    expect(verification?.accepted).toBe(false);
    expect(people).toEqual([]);
  });

  it('changes nothing', async () => {
    const before = await server.path.store.head();
    await preview({ claims: { sub: 'nobody' } });
    await preview({ lastSignIns: 200 });
    expect(await server.path.store.head()).toBe(before);
    const { people } = await preview({ claims: { sub: 'nobody' } });
    expect(people[0]?.found).toBe('new');
  });

  it.each<[string, object]>([
    ['nobody to look at', {}],
    ['two sources', { claims: { sub: 'a' }, lastSignIns: 1 }],
    ['more sign-ins than it looks at', { lastSignIns: 201 }],
    ['an ID token where SAML is spoken', { idToken: 'a.b.c' }],
    ['settings that are none', { claims: { sub: 'a' }, settings: { colour: 'red' } }],
    ['claims without a subject', { claims: { email: 'a@acme.example' } }],
  ])('is refused for %s', async (_what, body) => expect((await ask(body)).status).toBe(400));
});

describe('claims that somebody writes down', () => {
  it('are read as a provider would state them: nested names dotted, values as trimmed texts', () => {
    const { claims, subject, authentication } = presentedClaims({
      sub: ' ada ',
      realm_access: { roles: ['a', 'b'] },
      level: 3,
      absent: null,
      acr: '1',
      amr: ['otp'],
    });
    expect(subject.value).toBe('ada');
    expect([...claims]).toEqual([
      ['sub', ['ada']],
      ['realm_access.roles', ['a', 'b']],
      ['level', ['3']],
      ['acr', ['1']],
      ['amr', ['otp']],
    ]);
    expect(authentication).toEqual({ context: '1', methods: ['otp'] });
  });

  it('have names of their own, whatever objects inherit', () => {
    const claims = JSON.parse('{"sub":"ada","__proto__":{"admin":["yes"]}}');
    expect(presentedClaims(claims).claims.get('__proto__.admin')).toEqual(['yes']);
    expect(({} as Record<string, unknown>)['admin']).toBeUndefined();
  });

  it('that say of themselves that groups did not fit leave them unknown', () => {
    expect(presentedClaims({ sub: 'ada', _claim_names: { groups: 'src1' } }).groupsOverage).toBe(true);
    expect(presentedClaims({ sub: 'ada', groups: [] }).groupsOverage).toBe(false);
  });
});
