import { encodePositionToken } from '#libs/event-store';
import {
  ada,
  assigned,
  by,
  byHand,
  connectionChanged,
  connectionRegistered,
  doneBy,
  grantId,
  historyOf,
  olga,
  profileUpdated,
  provisioned,
  revoked,
  roleDefined,
  rule,
  signedIn,
  signInId,
  tenantRegistered,
  writeHistory,
  yusuf,
} from '#libs/testing';
import { type AuditServerUnderTest, startAuditServer } from './audit-server.fixture.js';

/** The audit API over HTTP, on a real engine: events in the store, encrypted; sealed; projected. */

const NOW = '2026-03-10T00:00:00.000Z';
const matched = [{ claim: 'groups', values: ['crm-admins'] }];
const olgasKey = { kind: 'key', id: 'olga-admin' } as const;

/** Position 0 is InstallationCreated; these follow from 1 on, a minute apart from eight o'clock. */
const history = historyOf(
  tenantRegistered('acme'), // 1
  tenantRegistered('globex'), // 2
  roleDefined('crm.reader'), // 3
  roleDefined('crm.admin', { privileged: true, risk: 'high' }), // 4
  doneBy(olgasKey, connectionRegistered('okta', [rule('admins', 'crm-admins', ['crm.admin'])])), // 5
  signedIn(ada, 'okta', { nth: 1, groups: ['crm-admins'] }), // 6
  provisioned(ada, { evidence: signInId(ada, 1) }), // 7
  assigned(ada, 'crm.admin', by('okta', 'admins'), { evidence: signInId(ada, 1), matched }), // 8
  assigned(ada, 'crm.reader', byHand(olga), { until: '2026-03-05T00:00:00.000Z' }), // 9
  doneBy(olgasKey, connectionChanged('okta', [rule('admins', 'crm-bosses', ['crm.admin'], 2)])), // 10
  signedIn(ada, 'okta', { nth: 2, groups: ['crm-admins'], version: 2 }), // 11
  revoked(ada, 'crm.admin', { code: 'rule-no-longer-matches', evidence: signInId(ada, 2) }), // 12
  provisioned(yusuf), // 13
  assigned(yusuf, 'crm.reader'), // 14
  profileUpdated(ada, { title: 'Engineer' }), // 15
);
const HEAD = history.length;

interface Listed {
  readonly items: readonly {
    id: string;
    role: string;
    userName: string;
    position: number;
    type: string;
    data: never;
  }[];
  readonly nextCursor: string | null;
  readonly position: number;
  readonly asOf: string;
  readonly knownAt: number;
}

jest.setTimeout(60_000);

describe('the audit API', () => {
  let server: AuditServerUnderTest;
  /** In the store, before anybody reads: that is recorded too. */
  let head: number;
  beforeAll(async () => {
    server = await startAuditServer(NOW);
    await writeHistory(server, history);
    await server.catchUp();
    head = await server.store.head();
  });
  afterAll(() => server?.close());

  const ask = async <T = Listed>(path: string, key = 'acme'): Promise<T> => {
    const { status, body } = await server.get(`/api/v1/${path}`, key);
    expect({ path, status, body: status === 200 ? null : body }).toEqual({ path, status: 200, body: null });
    return body;
  };
  const refusal = async (path: string, key: string | undefined = 'acme') => {
    const { status, body } = await server.get(`/api/v1/${path}`, key);
    return { status, code: (body as { code: string }).code };
  };
  const rolesIn = ({ items }: Listed) => items.map(({ role }) => role);

  describe('access', () => {
    it('says who held what on a day', async () => {
      const then = await ask(`access?account=${ada.account}&asOf=2026-03-02T08:09:00Z`);
      expect(rolesIn(then)).toEqual(['crm.admin', 'crm.reader']);
      expect(then).toMatchObject({ position: HEAD, knownAt: HEAD, asOf: '2026-03-02T08:09:00.000Z', nextCursor: null });
      expect(rolesIn(await ask(`access?account=${ada.account}&asOf=2026-03-04T00:00:00Z`))).toEqual(['crm.reader']);
      expect(rolesIn(await ask(`access?account=${ada.account}`))).toEqual([]);
    });

    it('says what was known of that day at a position', async () => {
      const known = await ask(`access?account=${ada.account}&asOf=2026-03-04T00:00:00Z&knownAt=8`);
      expect(rolesIn(known)).toEqual(['crm.admin']);
    });

    it('shows a grant with its source, and the role as it was', async () => {
      const { items } = await ask('access?role=crm.admin&asOf=2026-03-02T08:09:00Z');
      expect(items).toEqual([
        {
          id: grantId(ada, 'crm.admin'),
          account: ada.account,
          userName: 'ada@acme.example',
          role: 'crm.admin',
          application: 'crm',
          privileged: true,
          source: { kind: 'rule', connection: 'okta', rule: 'admins', ruleVersion: 1, actor: null },
          from: '2026-03-02T08:07:00.000Z',
          to: '2026-03-02T08:11:00.000Z',
          grantedAtPosition: 8,
          revokedAtPosition: 12,
        },
      ]);
    });

    it('withholds names from a key that may not see personal data', async () => {
      const { items } = await ask('access?asOf=2026-03-02T08:09:00Z', 'acme-blind');
      expect(items.map(({ userName }) => userName)).toEqual(['[withheld]', '[withheld]']);
    });

    it('comes in pages about one instant and one state of knowledge', async () => {
      const first = await ask('access?asOf=2026-03-02T08:09:00Z&knownAt=9&limit=1');
      const second = await ask(`access?limit=1&cursor=${first.nextCursor}`);
      expect([...rolesIn(first), ...rolesIn(second)]).toEqual(['crm.admin', 'crm.reader']);
      expect(second).toMatchObject({ asOf: '2026-03-02T08:09:00.000Z', knownAt: 9, nextCursor: null });
      const other = `access?limit=1&asOf=2026-03-02T08:10:00Z&cursor=${first.nextCursor}`;
      expect(await refusal(other)).toEqual({ status: 400, code: 'invalid-cursor' });
    });

    it('never answers with what another tenant has', async () => {
      const then = '&asOf=2026-03-04T00:00:00Z';
      expect(await refusal(`access?account=${ada.account}${then}`, 'globex')).toEqual({
        status: 404,
        code: 'not-found',
      });
      expect(await refusal(`access?role=crm.admin${then}`, 'globex')).toEqual({ status: 404, code: 'not-found' });
      expect(await refusal('access?tenant=acme', 'globex')).toEqual({ status: 404, code: 'not-found' });
      const theirs = await ask(`access?asOf=2026-03-04T00:00:00Z`, 'globex');
      expect(theirs.items.map(({ userName }) => userName)).toEqual(['yusuf@globex.example']);
    });

    it('asks an installation key which tenant it means', async () => {
      expect(await refusal('access', 'installation')).toEqual({ status: 400, code: 'tenant-required' });
      expect(rolesIn(await ask('access?tenant=globex', 'installation'))).toEqual(['crm.reader']);
    });
  });

  describe('why', () => {
    interface Why {
      readonly grant: { readonly id: string };
      readonly because: readonly {
        kind: string;
        text: string;
        event: { id: string; type: string; position: number; actor: object };
        detail: Record<string, unknown>;
      }[];
    }

    interface WhyNot {
      readonly because: readonly { kind: string; rule: string | null; text: string; event: string | null }[];
    }

    it('walks from a grant by rule back to its roots, and on to its end', async () => {
      const { grant, because } = await ask<Why>(`access/${grantId(ada, 'crm.admin')}/why`);
      expect(grant.id).toBe(grantId(ada, 'crm.admin'));
      expect(because.map(({ kind, event }) => [kind, event.type, event.position])).toEqual([
        ['assigned', 'RolesAssigned', 8],
        ['signIn', 'SignedIn', 6],
        ['rule', 'ConnectionRegistered', 5],
        ['connection', 'ConnectionRegistered', 5],
        ['provisioned', 'UserProvisioned', 7],
        ['revoked', 'AccessRevoked', 12],
        ['revokedBecause', 'SignedIn', 11],
      ]);
    });

    it('shows the claim values that matched, the rule as it was then and who set it', async () => {
      const { because } = await ask<Why>(`access/${grantId(ada, 'crm.admin')}/why`);
      const of = (kind: string) => because.find((reason) => reason.kind === kind);
      expect(of('signIn')?.detail).toMatchObject({ matched, connectionVersion: 1, issuer: 'http://idp.example/okta' });
      expect(of('rule')?.detail).toMatchObject({ id: 'admins', version: 1, when: { group: 'crm-admins' } });
      expect(of('rule')?.event.actor).toEqual(olgasKey);
      expect(of('rule')?.text).toBe('The rule admins was given this form, its version 1, by key olga-admin.');
    });

    it('withholds claim values from a key that may not see personal data', async () => {
      const { because } = await ask<Why>(`access/${grantId(ada, 'crm.admin')}/why`, 'acme-blind');
      expect(because.find(({ kind }) => kind === 'signIn')?.detail['matched']).toBe('[withheld]');
      expect(JSON.stringify(because)).not.toContain('crm-admins"]');
    });

    it('tells of a grant by hand who gave it and what for', async () => {
      const { because } = await ask<Why>(`access/${grantId(ada, 'crm.reader')}/why`);
      expect(because.map(({ kind }) => kind)).toEqual(['assigned', 'provisioned']);
      expect(because[0]?.text).toBe(`account:${olga.account} gave the role crm.reader by hand.`);
      expect(because[0]?.detail).toMatchObject({ reason: 'needed for the project', until: '2026-03-05T00:00:00.000Z' });
    });

    it('not, tells which rule was judged how at the last sign-in, and of a newer one that nobody judged it yet', async () => {
      const { because } = await ask<WhyNot>(`access/why-not?account=${ada.account}&role=crm.admin`);
      expect(because).toEqual([
        expect.objectContaining({
          kind: 'rule',
          rule: 'okta/admins',
          version: 2,
          event: signInId(ada, 2),
          text: expect.stringMatching(/last sign-in/),
        }),
      ]);
    });

    it('not, says of a role that no rule gives that none does', async () => {
      const { because } = await ask<WhyNot>(`access/why-not?account=${ada.account}&role=crm.reader`);
      expect(because).toEqual([
        expect.objectContaining({
          kind: 'unknown',
          rule: null,
          text: expect.stringMatching(/No rule of any connection/),
        }),
      ]);
    });

    it('not, knows no account of another tenant, and no role that never was', async () => {
      const missing = { status: 404, code: 'not-found' };
      expect(await refusal(`access/why-not?account=${ada.account}&role=crm.admin`, 'globex')).toEqual(missing);
      expect(await refusal(`access/why-not?account=${ada.account}&role=crm.none`)).toEqual(missing);
    });

    it('knows no grant of another tenant, and none that never was', async () => {
      const missing = { status: 404, code: 'not-found' };
      expect(await refusal(`access/${grantId(ada, 'crm.admin')}/why`, 'globex')).toEqual(missing);
      expect(await refusal(`access/${grantId(ada, 'never given')}/why`)).toEqual(missing);
      expect((await ask<Why>(`access/${grantId(ada, 'crm.admin')}/why`, 'installation')).grant.id).toBeDefined();
    });
  });

  describe('events', () => {
    it('are the whole sealed log, without a gap, for an installation key', async () => {
      const positions: number[] = [];
      let cursor: string | null = '';
      while (cursor !== null) {
        const page: Listed = await ask(`events?limit=4${cursor && `&cursor=${cursor}`}`, 'installation');
        positions.push(...page.items.map(({ position }) => position));
        cursor = page.nextCursor;
      }
      expect(positions).toEqual(Array.from({ length: HEAD + 1 }, (_, position) => position));
    });

    it('are those of its tenant for the key of a tenant', async () => {
      const { items } = await ask('events', 'globex');
      expect(items.map(({ type }) => type)).toEqual(['TenantRegistered', 'UserProvisioned', 'RolesAssigned']);
    });

    it('start after a position', async () => {
      const { items } = await ask(`events?after=13`, 'installation');
      expect(items.map(({ position }) => position)).toEqual([14, 15]);
    });

    it.each([
      ['type=AccessRevoked', [12]],
      [`account=${ada.account}&type=SignedIn`, [6, 11]],
      ['actor=key:olga-admin', [5, 10]],
      ['actor=olga-admin', [5, 10]],
      ['connection=okta&type=RolesAssigned', [8]],
      ['from=2026-03-02T08:13:00Z', [15]],
      ['from=2026-03-02T08:02:00Z&to=2026-03-02T08:04:00Z', [3, 4]],
    ])('are found by %s', async (filter, positions) => {
      expect((await ask(`events?${filter}`)).items.map(({ position }) => position)).toEqual(positions);
    });

    it('have an envelope and their data in clear for a key that may see it', async () => {
      expect(await ask(`events/${signInId(ada, 1)}`)).toEqual({
        ...history[5],
        position: 6,
        tenantPosition: expect.any(Number),
        sealedAt: NOW,
      });
    });

    it('withhold personal fields from a key that may not see them', async () => {
      const { data } = await ask<{ data: object }>(`events/${signInId(ada, 1)}`, 'acme-blind');
      expect(data).toMatchObject({
        subject: '[withheld]',
        claims: '[withheld]',
        client: '[withheld]',
        connection: 'okta',
      });
      expect(JSON.stringify(data)).not.toContain('ada@acme.example');
    });

    it('of another tenant do not exist', async () => {
      const missing = { status: 404, code: 'not-found' };
      expect(await refusal(`events/${signInId(ada, 1)}`, 'globex')).toEqual(missing);
      expect(await refusal(`events?account=${ada.account}`, 'globex')).toEqual(missing);
      expect(await refusal('events?connection=okta', 'globex')).toEqual(missing);
      expect(await refusal('events?tenant=installation')).toEqual(missing);
    });
  });

  describe('a question that is not well put', () => {
    it.each([
      ['access?limit=10000', 400, 'invalid-limit'],
      ['access?limit=0', 400, 'invalid-limit'],
      ['access?cursor=nonsense', 400, 'invalid-cursor'],
      ['access?asOf=yesterday', 400, 'invalid-date'],
      ['access?asOf=2026-02-30T00:00:00Z', 400, 'invalid-date'],
      ['access?knownAt=-1', 400, 'invalid-position'],
      ['access?knownAt=1.5', 400, 'invalid-position'],
      ['access?minPosition=p', 400, 'invalid-position-token'],
      ['access?account=ada', 400, 'invalid-request'],
      ['access?colour=blue', 400, 'invalid-request'],
      ['access/not-a-uuid/why', 400, 'invalid-request'],
      ['events?after=x', 400, 'invalid-position'],
      ['events?to=soon', 400, 'invalid-date'],
      ['events?actor=a%20b', 400, 'invalid-request'],
      ['events?cursor=WyJhY2Nlc3MuMSIsMV0', 400, 'invalid-cursor'],
    ])('%s is refused', async (path, status, code) => {
      expect(await refusal(path)).toEqual({ status, code });
    });

    it('needs a key, and one that may read', async () => {
      expect((await server.get('/api/v1/access')).status).toBe(401);
      expect(await refusal('access', 'nobody')).toEqual({ status: 401, code: 'invalid-key' });
      expect(await refusal('access', 'acme-writer')).toEqual({ status: 403, code: 'missing-scope' });
      expect(await refusal('events', 'acme-writer')).toEqual({ status: 403, code: 'missing-scope' });
    });
  });

  describe('a question ahead of the read model', () => {
    it('waits, then says that the read model is behind', async () => {
      const behind = { status: 503, code: 'read-model-behind' };
      const [knownAt, minPosition] = await Promise.all([
        refusal(`access?knownAt=${HEAD + 1}`),
        refusal(`events?minPosition=${encodePositionToken(HEAD + 1)}`),
      ]);
      expect([knownAt, minPosition]).toEqual([behind, behind]);
    });

    it('is answered at once where the read model is there', async () => {
      const token = encodePositionToken(head);
      expect((await ask(`access?minPosition=${token}&knownAt=${HEAD}`)).position).toBe(HEAD);
    });
  });

  it('describes every operation with its parameters', async () => {
    const { body } = await server.get('/openapi.json', 'acme');
    const paths = (body as { paths: Record<string, { get?: { parameters?: { name: string }[] } }> }).paths;
    const names = (path: string) => (paths[path]?.get?.parameters ?? []).map(({ name }) => name).sort();
    expect(names('/api/v1/access')).toEqual(
      ['account', 'asOf', 'cursor', 'knownAt', 'limit', 'minPosition', 'role', 'tenant'].sort(),
    );
    expect(names('/api/v1/access/{grant}/why')).toEqual(['grant', 'minPosition', 'tenant']);
    expect(names('/api/v1/events')).toEqual(
      [
        'account',
        'actor',
        'after',
        'connection',
        'cursor',
        'from',
        'limit',
        'minPosition',
        'tenant',
        'to',
        'type',
      ].sort(),
    );
    expect(names('/api/v1/events/{id}')).toEqual(['id', 'minPosition', 'tenant']);
  });
});
