/** What policies and mappings that are not in force would come to, over real accounts and recorded sign-ins. */
import type { ConnectionSettings, SodPolicy } from '#libs/contracts';
import { createIdentityProviderKey } from '#libs/saml-idp';
import { connectionSettings, rule, startPrivatePostgres } from '#libs/testing';
import { type GovernanceServer, startGovernance } from '../governance-server.fixture.js';
import { reviewPolicy } from '../governance-world.fixture.js';
import { Stint } from '../reading/stint.js';
import type { Ending, Resume } from './asked-what-if.js';
import { ConnectionWhatIf } from './connection-what-if.js';
import { SodWhatIf } from './sod-what-if.js';
import { Tally } from './tally.js';
import type { WhatIfResultDto } from './what-if.dto.js';
import { comesIn, presentedBy, readModelDigest, record } from './what-if.fixture.js';

jest.setTimeout(60_000);

const WHAT_IF = '/api/v1/policies/what-if?tenant=acme';
const DAY_MS = 86_400_000;
/** Groups of the sample connection, and what they give. */
const RULES = [rule('engineers', 'engineers', ['crm.reader']), rule('admins', 'admins', ['prod.admin'])];
const engineers = { id: 'engineers', when: { group: 'engineers' }, grant: ['crm.reader'] };
const admins = { id: 'admins', when: { group: 'admins' }, grant: ['prod.admin'] };
const apart = { kind: 'sod', roles: [['crm.reader'], ['prod.admin']], mode: 'preventive' };

describe.each(['embedded', 'postgres'] as const)('a what-if, %s', (kind) => {
  let started: Awaited<ReturnType<typeof startOn>>;
  let server: GovernanceServer;
  const people: Record<string, { account: string; evidence: string }> = {};
  const able = () => started !== null;

  beforeAll(async () => {
    started = await startOn(kind);
    if (!started) return;
    server = started.server;
    await server.acme.person('olga');
    await server.acme.connect('okta', await sampleConnection());
    people['old'] = await comesIn(server, 'old', ['engineers']);
    server.clock.advance(40 * DAY_MS);
    people['ada'] = await comesIn(server, 'ada', ['engineers']);
    people['bea'] = await comesIn(server, 'bea', ['engineers', 'admins']);
    people['cy'] = await comesIn(server, 'cy', []);
    await server.settle();
  }, 120_000);
  afterAll(() => started?.close());

  const post = (body: object, headers: Record<string, string> = {}) => server.post(WHAT_IF, body, { headers });
  async function ask(body: object, headers: Record<string, string> = {}): Promise<WhatIfResultDto> {
    const response = await post(body, headers);
    const answer = await response.json();
    expect({ status: response.status, answer: response.ok ? '' : answer }).toEqual({ status: 200, answer: '' });
    return answer as WhatIfResultDto;
  }
  const when = (name: string, work: () => Promise<void>) =>
    it(name, async () => {
      if (!able()) return console.warn(`SKIPPED on PostgreSQL, which this machine lacks: ${name}`);
      await work();
    });

  when(
    'about rules tells what each of today’s people would gain and lose, and the sign-ins of the days asked',
    async () => {
      const moved = { ...admins, when: { group: 'engineers' } };
      const answer = await ask({ connection: 'okta', rules: [moved] });
      expect(answer).toMatchObject({ about: 'connection', complete: true, after: null });
      expect(answer.counts).toMatchObject({
        peopleLookedAt: 4,
        peopleChanged: 3,
        signInsLookedAt: 3,
        signInsChanged: 2,
      });
      expect(answer.roles).toEqual([
        { role: 'crm.reader', gained: 0, lost: 3 },
        { role: 'prod.admin', gained: 2, lost: 0 },
      ]);
      const byAccount = new Map(answer.people.items.map((each) => [each.account, each]));
      expect(byAccount.get(people['ada']?.account ?? '')).toMatchObject({
        rolesGained: ['prod.admin'],
        rolesLost: ['crm.reader'],
      });
      expect(byAccount.get(people['bea']?.account ?? '')).toMatchObject({ rolesGained: [], rolesLost: ['crm.reader'] });
      expect(byAccount.has(people['cy']?.account ?? '')).toBe(false);
      const events = answer.signIns.items.map(({ event }) => event);
      expect(events.sort()).toEqual([people['ada']?.evidence, people['bea']?.evidence].sort());
      expect((await ask({ connection: 'okta', rules: [moved], signIns: { days: 90 } })).counts['signInsLookedAt']).toBe(
        4,
      );
    },
  );

  when('about rules as they are finds nothing', async () => {
    const answer = await ask({ connection: 'okta', rules: [engineers, admins] });
    expect(answer).toMatchObject({ people: { total: 0 }, signIns: { total: 0 }, roles: [] });
  });

  when('about admission tells who would be turned away', async () => {
    const answer = await ask({ connection: 'okta', settings: { admission: { requireGroup: ['engineers'] } } });
    expect(answer.counts).toMatchObject({ peopleRefusedAnew: 1, signInsRefusedAnew: 1 });
    const refusal = { before: null, after: 'group-required' };
    expect(answer.people.items).toEqual([expect.objectContaining({ account: people['cy']?.account, refusal })]);
    expect(answer.signIns.items).toEqual([expect.objectContaining({ event: people['cy']?.evidence, refusal })]);
  });

  when('about rules counts conflicts and review items by the policies in force', async () => {
    await server.acme.policy('maker-checker', { ...apart, mode: 'detective', owner: null } as never);
    await server.acme.policy('privileged', reviewPolicy({ triggers: ['privilegedRoleGranted'] }));
    await server.settle();
    const answer = await ask({ connection: 'okta', rules: [engineers, { ...admins, when: { group: 'engineers' } }] });
    const ada = answer.people.items.find(({ account }) => account === people['ada']?.account);
    expect(ada).toMatchObject({ conflicts: ['maker-checker'], reviewItems: 1, held: [{ role: 'crm.reader' }] });
    expect(answer.counts).toMatchObject({ conflicts: 2, reviewItems: 2 });
  });

  when(
    'about segregation of duties tells today’s violations with their grants, and what would have been kept back',
    async () => {
      const answer = await ask({ policy: { id: 'apart', settings: apart } });
      const roles = expect.arrayContaining([
        expect.objectContaining({ role: 'crm.reader', event: expect.any(String) }),
        expect.objectContaining({ role: 'prod.admin', grant: expect.any(String) }),
      ]);
      expect(answer).toMatchObject({ about: 'sod', complete: true, counts: { violations: 1, signInsKeptBack: 1 } });
      expect(answer.people.items).toEqual([expect.objectContaining({ account: people['bea']?.account, held: roles })]);
      expect(answer.signIns.items).toEqual([
        expect.objectContaining({ event: people['bea']?.evidence, keptBack: ['crm.reader', 'prod.admin'] }),
      ]);
    },
  );

  when('about a review tells how many items each reviewer would have', async () => {
    const settings = {
      kind: 'review',
      schedule: '0 6 1 * *',
      reviewers: ['roleOwner'],
      due: 'P7D',
      noResponse: 'keep',
    };
    const answer = await ask({ policy: { id: 'all', settings } });
    expect(answer).toMatchObject({ about: 'review', counts: { items: 4, withoutReviewer: 0 } });
    expect(answer.reviewers).toEqual({ total: 1, items: [{ account: server.acme.accountOf('olga'), items: 4 }] });
  });

  when('about dormant accounts, elevations and conformance tells whom they would concern', async () => {
    const dormant = await ask({
      policy: { id: 'quiet', settings: { kind: 'dormant', after: 'P30D', action: 'review' } },
    });
    const accounts = dormant.people.items.map(({ account }) => account);
    expect(accounts).toContain(people['old']?.account);
    expect(accounts).not.toContain(people['ada']?.account);
    const lent = { kind: 'elevation', roles: ['prod.admin'], maxDuration: 'PT1H', approvers: ['roleOwner'] };
    const elevation = await ask({ policy: { id: 'lent', settings: lent } });
    expect(elevation.people.items).toEqual([expect.objectContaining({ account: people['bea']?.account })]);
    expect(elevation.reviewers.items).toEqual([{ account: server.acme.accountOf('olga'), items: 1 }]);
    const mfa = { kind: 'conformance', event: 'SignedIn', require: [{ authenticationContext: 'mfa' }] };
    const conformance = await ask({ policy: { id: 'mfa', settings: mfa } });
    expect(conformance.counts).toEqual({ eventsLookedAt: 3, eventsNotConforming: 3 });
    expect(conformance.signIns.items[0]?.unmet).toEqual(['authenticationContext mfa']);
  });

  when('about roles kept apart ends with its time, also while it looks for who holds them', async () => {
    const { app, catalog, clock } = server;
    const asked = {
      tenant: 'acme',
      catalog: await catalog.current(),
      now: clock.now().toISOString(),
      from: '',
      resume: null,
    };
    const policy = { id: 'apart', version: 1, settings: apart as unknown as SodPolicy };
    const tally = new Tally();
    const stint = new Stint(new AbortController().signal, 0);
    const knownAt = Number.MAX_SAFE_INTEGER;
    expect(await app.get(SodWhatIf, { strict: false }).of(policy, { ...asked, knownAt }, stint, tally)).toBe(
      'cut short',
    );
  });

  when('that does not come to its end in time goes on where it stopped, and the parts add up', async () => {
    const whole = await ask({ connection: 'okta', rules: [] });
    const { app, catalog } = server;
    const view = await catalog.current();
    const now = server.clock.now().toISOString();
    const asked = { tenant: 'acme', catalog: view, now, from: whole.from, knownAt: Number.MAX_SAFE_INTEGER };
    const state = view.connection('okta');
    if (!state) throw new Error('There is no connection okta.');
    const tally = new Tally();
    const parts: string[] = [];
    for (let resume: Resume | null = null; ; ) {
      const stint = new Stint(new AbortController().signal, 0);
      const work = app.get(ConnectionWhatIf, { strict: false });
      const ending: Ending = await work.of(state, { rules: [] }, { ...asked, resume }, stint, tally);
      if (typeof ending === 'string') break;
      parts.push(ending.part);
      resume = ending;
    }
    expect(new Set(parts)).toEqual(new Set(['people', 'signIns']));
    const { counts, roles } = tally.sums();
    expect({ counts, roles, people: tally.people.total }).toEqual({
      counts: whole.counts,
      roles: whole.roles,
      people: whole.people.total,
    });
  });

  when('is answered one at a time', async () => {
    const answers = await Promise.all([1, 2, 3].map(() => post({ connection: 'okta', rules: [] })));
    const statuses = answers.map(({ status }) => status).sort();
    expect(statuses).toEqual([200, 503, 503]);
    expect((await post({ connection: 'okta', rules: [] })).status).toBe(200);
  });

  when('changes nothing', async () => {
    const before = { head: await server.path.store.head(), rows: await readModelDigest(server) };
    await ask({ connection: 'okta', rules: [] });
    await ask({ policy: { id: 'apart', settings: apart } });
    await server.settle();
    expect({ head: await server.path.store.head(), rows: await readModelDigest(server) }).toEqual(before);
    const dana = server.acme.accountOf('dana'); // the comparison sees what does change something
    await record(server, dana, presentedBy('dana', []));
    await server.settle();
    expect(await readModelDigest(server)).not.toEqual(before.rows);
  });

  when('needs the scope admin, and names nobody without personal:read', async () => {
    const body = { policy: { id: 'apart', settings: apart } };
    expect((await post(body, await server.acme.key(['audit:read', 'personal:read']))).status).toBe(403);
    const withheld = await ask(body, await server.acme.key(['admin']));
    expect(withheld.people.items).not.toEqual([]);
    expect(JSON.stringify(withheld)).not.toContain('acme.example');
    const named = await ask(body, await server.acme.key(['admin', 'personal:read']));
    expect(named.people.items.map(({ name }) => name)).toContain('bea@acme.example');
  });

  when('lets nobody guess attributes without personal:read, neither by a rule nor by what it requires', async () => {
    const guess = { when: { attribute: 'email', matches: 'ada@.*' }, id: 'guess', grant: ['crm.reader'] };
    const required = { kind: 'conformance', event: 'SignedIn', require: [{ attribute: 'email', present: true }] };
    for (const body of [{ connection: 'okta', rules: [guess] }, { policy: { id: 'guess', settings: required } }]) {
      const refused = await post(body, await server.acme.key(['admin']));
      expect(await refused.json()).toMatchObject({ status: 403, code: 'missing-scope' });
      await ask(body, await server.acme.key(['admin', 'personal:read']));
    }
  });

  when('refuses what it cannot answer, and says why', async () => {
    const status = async (body: object) => (await post(body)).status;
    expect(await status({})).toBe(400);
    expect(await status({ connection: 'okta' })).toBe(400);
    expect(await status({ connection: 'okta', rules: [], policy: { id: 'a', settings: apart } })).toBe(400);
    expect(await status({ connection: 'nobody', rules: [] })).toBe(404);
    expect(await status({ connection: 'okta', rules: [], signIns: { days: 91 } })).toBe(400);
    expect(await status({ connection: 'okta', rules: [], after: 'bm90LW91cnM' })).toBe(400);
    expect(
      await status({ policy: { id: 'a', settings: { ...apart, roles: [['crm.reader'], ['no.such']] } } }),
    ).toBeGreaterThanOrEqual(400);
  });
});

/** The sample connection, with a certificate that can be read. */
async function sampleConnection(): Promise<ConnectionSettings> {
  const key = await createIdentityProviderKey({ commonName: 'what-if', now: new Date('2026-03-01T00:00:00.000Z') });
  return connectionSettings({ rules: RULES, saml: { certificates: [key.certificatePem] } });
}

/** A server over each of the databases that the machine has; `close` ends both. */
async function startOn(
  kind: 'embedded' | 'postgres',
): Promise<{ readonly server: GovernanceServer; close(): Promise<void> } | null> {
  const postgres = kind === 'postgres' ? await startPrivatePostgres() : null;
  if (kind === 'postgres' && !postgres) return null;
  const server = await startGovernance({ variables: postgres ? { DATABASE_URL: postgres.url } : {} });
  return {
    server,
    async close() {
      await server.close();
      await postgres?.stop();
    },
  };
}
