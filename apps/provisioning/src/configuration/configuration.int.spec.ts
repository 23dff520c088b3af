/** A configuration is planned, guarded, applied once, and goes on where it was interrupted. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  configure,
  grantsOf,
  type ProvisioningServer,
  sampleConfiguration,
  signIn,
  startProvisioning,
  temporaryFolder,
} from '../provisioning-server.fixture.js';

jest.setTimeout(60_000);

const EVERYONE = { id: 'everyone', when: 'always', grant: ['crm.reader'] };

interface Outcome {
  readonly changes: readonly { readonly action: string; readonly kind: string; readonly id: string }[];
  readonly losses: readonly unknown[];
  readonly warnings: readonly string[];
  readonly confirm: string | null;
  readonly applied: boolean;
  readonly positionToken: string | null;
}

let folder: ReturnType<typeof temporaryFolder>;
let server: ProvisioningServer;
const begin = async () => {
  folder = temporaryFolder();
  server = await startProvisioning(folder.path);
};
const end = async () => {
  await server.close();
  folder.remove();
};

const PATH = '/api/v1/configuration';

async function post(
  body: object,
  key?: string,
): Promise<{ status: number; body: Outcome & { code?: string; detail?: string; details?: { confirm: string } } }> {
  const response = await server.post(PATH, { reason: 'test', ...body }, key);
  return { status: response.status, body: (await response.json()) as Outcome };
}

describe('applying a configuration', () => {
  beforeEach(begin);
  afterEach(end);

  it('says in a dry run what would change, changes nothing, then does it', async () => {
    const yaml = await sampleConfiguration();
    const head = await server.path.store.head();
    const planned = await post({ yaml, dryRun: true });
    expect(planned.body).toMatchObject({ applied: false, confirm: null, losses: [], positionToken: null });
    expect(planned.body.changes).toContainEqual({
      action: 'create',
      kind: 'connection',
      tenant: 'acme',
      id: 'okta',
      changed: [],
    });
    expect(await server.path.store.head()).toBe(head);
    const applied = await post({ yaml });
    expect(applied.body).toMatchObject({ applied: true, changes: planned.body.changes });
    const { appliedHash } = (await (await server.ask(PATH)).json()) as { appliedHash: string };
    expect(appliedHash).toMatch(/^[0-9a-f]{64}$/);
    expect((await post({ yaml, dryRun: true }, 'again')).body.changes).toEqual([]);
  });

  it('happens once for each idempotency key, and refuses the key for another body', async () => {
    const yaml = await sampleConfiguration();
    const first = await post({ yaml }, 'once');
    const head = await server.path.store.head();
    const again = await post({ yaml }, 'once');
    expect(again.body).toMatchObject({ applied: true, changes: [], positionToken: first.body.positionToken });
    const other = await post({ yaml: await sampleConfiguration({ rules: [] }) }, 'once');
    expect(other).toMatchObject({ status: 422, body: { code: 'idempotency-key-reused' } });
    expect(await server.path.store.head()).toBe(head);
  });

  it('answers a repeat as the first time, also when it could not be carried out any more', async () => {
    const yaml = await sampleConfiguration();
    const first = await post({ yaml }, 'once');
    await configure(server, await sampleConfiguration({ connections: [] }), { prune: true });
    expect((await post({ yaml }, 'anew')).body.code).toBe('connection-removed');
    const again = await post({ yaml }, 'once');
    expect(again).toMatchObject({ status: 200, body: { changes: [], positionToken: first.body.positionToken } });
  });

  it('goes on where it was interrupted when it is repeated', async () => {
    const yaml = await sampleConfiguration();
    const { append } = server.path.store;
    let appends = 0;
    server.path.store.append = async (...args) => {
      appends += 1;
      if (appends === 4) throw new TypeError('the machine fails here');
      return append.apply(server.path.store, args);
    };
    expect((await post({ yaml }, 'cut')).status).toBe(500);
    server.path.store.append = append;
    expect((await server.catalog.current()).configuration().appliedHash).toBeNull();
    const { body } = await post({ yaml }, 'cut');
    expect(body.changes.map(({ id }) => id)).not.toContain('acme');
    expect(body.changes.map(({ id }) => id)).toContain('okta');
    const { events } = await server.path.store.readLog({ after: -1, categories: ['role', 'tenant', 'connection'] });
    expect(new Set(events.map(({ stream }) => stream)).size).toBe(events.length);
  });
});

describe('the address of the configuration', () => {
  beforeAll(begin);
  afterAll(end);

  it.each([
    [
      'a certificate that is none',
      (text: string) => text.replace(/-----BEGIN[^"]*/, 'x'),
      'certificate 1 is not a PEM certificate',
    ],
    [
      'a reference to the host',
      (text: string) => text.replace(/-----BEGIN[^"]*/, 'file:okta.pem'),
      'the operator’s own file',
    ],
    ['an unknown key', (text: string) => text.replace('"saml":', '"samll":'), 'samll: is not a known key'],
  ])('refuses %s, says where, and changes nothing', async (_what, broken, problem) => {
    const head = await server.path.store.head();
    const { status, body } = await post({ yaml: broken(await sampleConfiguration()) });
    expect({ status, code: body.code }).toEqual({ status: 400, code: 'configuration-invalid' });
    expect(body.detail).toContain(problem);
    expect(await server.path.store.head()).toBe(head);
  });

  it('refuses a connection id that another tenant has', async () => {
    await configure(server, await sampleConfiguration());
    const other = (await sampleConfiguration()).replace('"id":"acme"', '"id":"globex"');
    expect((await post({ yaml: other })).body.code).toBe('connection-id-taken');
  });

  it('is not there for the key of a tenant', async () => {
    await configure(server, await sampleConfiguration());
    const key = {
      name: 'k',
      tenant: 'acme',
      scopes: ['admin', 'audit:read'],
      expiresAt: '2099-01-01T00:00:00Z',
      reason: 'test',
    };
    const { secret } = (await (await server.post('/api/v1/keys', key)).json()) as { secret: string };
    const headers = { authorization: `Bearer ${secret}` };
    expect((await server.ask(PATH, { headers })).status).toBe(404);
    expect((await server.ask('/api/v1/connections/okta', { headers })).status).toBe(200);
  });
});

describe('the guard', () => {
  const people = ['ada', 'bo', 'cleo', 'dora'];
  const fewer = () => sampleConfiguration({ rules: [EVERYONE], maxLossPercent: 30 });
  let nth = 0;
  beforeAll(async () => {
    await begin();
    await configure(server, await sampleConfiguration({ maxLossPercent: 30 }));
  });
  afterAll(end);
  beforeEach(async () => {
    nth += 10; // whoever lost a role in a test has it again
    for (const person of people) await signIn(server, person, ['sales'], { nth });
  });

  it('goes by the limit in force, not by the one that the new file sets', async () => {
    const yaml = await sampleConfiguration({ rules: [EVERYONE], maxLossPercent: 100 });
    expect((await post({ yaml })).status).toBe(409);
  });

  it('lets a change through that takes less', async () => {
    await signIn(server, 'ada', [], { nth: nth + 1 });
    await signIn(server, 'bo', [], { nth: nth + 1 });
    await signIn(server, 'cleo', [], { nth: nth + 1 });
    const planned = await post({ yaml: await fewer(), dryRun: true });
    expect(planned.body).toMatchObject({ confirm: null, losses: [{ losing: 1, of: 5 }] });
  });

  it('asks to confirm every removal', async () => {
    const yaml = await sampleConfiguration({ connections: [], maxLossPercent: 30 });
    expect((await post({ yaml, dryRun: true })).body).toMatchObject({
      confirm: null,
      changes: [{ action: 'disable' }],
    });
    const planned = await post({ yaml, prune: true, dryRun: true });
    expect(planned.body).toMatchObject({ changes: [{ action: 'remove', id: 'okta' }], losses: [{ losing: 8, of: 8 }] });
    expect((await post({ yaml, prune: true })).status).toBe(409);
    expect(await grantsOf(server, 'ada')).toBe(2);
  });

  it('refuses a change that takes too much, until it is confirmed', async () => {
    const yaml = await fewer();
    const planned = await post({ yaml, dryRun: true });
    expect(planned.body.losses).toEqual([{ tenant: 'acme', connection: 'okta', losing: 4, of: 8, limitPercent: 30 }]);
    const refused = await post({ yaml });
    expect(refused).toMatchObject({ status: 409, body: { code: 'confirmation-required' } });
    expect(refused.body.details?.confirm).toBe(planned.body.confirm);
    expect((await post({ yaml, confirm: '0'.repeat(64) })).status).toBe(409);
    expect((await post({ yaml, confirm: planned.body.confirm as string })).body.applied).toBe(true);
  });
});

describe('a change after which people are not recognised', () => {
  const DIRECTORIES = '"directories":[{"id":"staff"}]';
  const TWO = '"directories":[{"id":"staff"},{"id":"partners"}]';
  beforeEach(begin);
  afterEach(end);

  it.each<[string, (text: string) => string, string]>([
    [
      'moves a connection to another directory',
      (text) => text.replace('"directory":"staff"', '"directory":"partners"'),
      'Connection okta moves from directory staff to partners',
    ],
    [
      'names people by another claim',
      (text) => text.replace('"protocol":"saml"', '"protocol":"saml","subject":{"attribute":"employeeNumber"}'),
      'Connection okta takes the subject of a person from elsewhere',
    ],
    ['drops a directory', (text) => text.replace(TWO, DIRECTORIES), 'Directory partners of tenant acme is dropped'],
  ])('that %s is told with its reason and must be confirmed', async (_what, changed, warning) => {
    const before = (await sampleConfiguration()).replace(DIRECTORIES, TWO);
    expect((await post({ yaml: before })).body).toMatchObject({ applied: true, warnings: [] });
    const yaml = changed(before);
    const planned = await post({ yaml, dryRun: true });
    expect(planned.body.warnings).toEqual([expect.stringContaining(warning)]);
    const refused = await post({ yaml });
    expect(refused).toMatchObject({ status: 409, body: { code: 'confirmation-required' } });
    expect(refused.body.detail).toContain(warning);
    expect(refused.body.details).toMatchObject({ confirm: planned.body.confirm, warnings: planned.body.warnings });
    expect((await post({ yaml, confirm: planned.body.confirm as string })).body.applied).toBe(true);
  });

  it('is not one that adds a directory', async () => {
    await configure(server, await sampleConfiguration());
    const yaml = (await sampleConfiguration()).replace(DIRECTORIES, TWO);
    expect((await post({ yaml })).body).toMatchObject({ applied: true, warnings: [] });
  });
});

describe('the configuration file at start', () => {
  let started: ProvisioningServer | undefined;
  beforeEach(() => {
    folder = temporaryFolder();
    started = undefined;
  });
  afterEach(async () => {
    await started?.close();
    folder.remove();
  });
  /** Starts the server with this file; where it runs, it is stopped before. */
  const startWith = async (text: string) => {
    const file = join(folder.path, 'gatebook.yaml');
    writeFileSync(file, text);
    await started?.close();
    started = undefined;
    started = await startProvisioning(folder.path, { GATEBOOK_CONFIG: file });
    server = started;
  };
  const configuration = async () => (await server.catalog.current()).configuration();

  it('is applied when it changed, and only then', async () => {
    await startWith(await sampleConfiguration());
    expect((await server.catalog.current()).connection('okta')?.enabled).toBe(true);
    const head = await server.path.store.head();
    await startWith(await sampleConfiguration());
    expect(await server.path.store.head()).toBe(head);
    await startWith(await sampleConfiguration({ enabled: false }));
    expect((await server.catalog.current()).connection('okta')?.enabled).toBe(false);
    await startWith(await sampleConfiguration());
    expect((await server.catalog.current()).connection('okta')?.enabled).toBe(true);
  });

  it('does not undo what was applied since, while the file stays the same', async () => {
    const file = await sampleConfiguration();
    await startWith(file);
    await configure(server, await sampleConfiguration({ connections: ['okta', 'entra'], enabled: false }));
    const { appliedHash } = await configuration();
    await startWith(file);
    const catalog = await server.catalog.current();
    expect([catalog.connection('entra')?.status, catalog.connection('okta')?.enabled]).toEqual(['present', false]);
    expect(await configuration()).toMatchObject({ appliedHash, heldHash: null });
    await startWith(await sampleConfiguration({ connections: ['okta', 'entra'] }));
    expect((await server.catalog.current()).connection('entra')?.enabled).toBe(true);
  });

  it('that takes too much is held: the old state goes on and the log says what to do', async () => {
    await startWith(await sampleConfiguration({ maxLossPercent: 10 }));
    await signIn(server, 'ada', ['sales']);
    const { appliedHash } = await configuration();
    await startWith(await sampleConfiguration({ maxLossPercent: 10, rules: [EVERYONE] }));
    const held = await configuration();
    expect(held.appliedHash).toBe(appliedHash);
    expect(held.heldHash).toMatch(/^[0-9a-f]{64}$/);
    expect((await server.ask('/health/ready')).status).toBe(200);
    expect(server.logged.join()).toContain('gatebook apply FILE --dry-run');
    expect(await grantsOf(server, 'ada')).toBe(2);
  });

  it('that is not valid is held too', async () => {
    await startWith(await sampleConfiguration());
    await startWith('tenants: 1');
    expect((await configuration()).heldHash).not.toBeNull();
    expect((await server.ask('/health/ready')).status).toBe(200);
  });

  it('that is not valid keeps an installation from its very first start, and says why', async () => {
    await expect(startWith('tenants: 1')).rejects.toThrow(/apiVersion: must be gatebook\/v1/);
  });
});
