/** The read model looked after from the command line: through the server that holds it, and on a folder that nobody holds. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openDatabase } from '#libs/database';
import { ADMIN_KEY, dataFolder, type StartedServer, startServer } from '../../../test/support/started-server.js';
import { commandAlone, commandHere } from './command-line.fixture.js';

jest.setTimeout(120_000);

const NAMES = [
  'events',
  'connections',
  'roles',
  'accounts',
  'account-history',
  'grants',
  'sign-ins',
  'link-proposals',
  'activity',
  'access-reviews',
  'review-items',
  'elevations',
  'findings',
  'sod-exceptions',
  'held-changes',
  'grant-counts',
  'grant-origins',
  'review-decisions',
  'withdrawn-sign-ins',
  'recorded-uses',
];

const folder = dataFolder();
const file = join(folder, 'gatebook.yaml');
writeFileSync(
  file,
  `apiVersion: gatebook/v1
tenants:
  - id: acme
    directories: [{ id: staff }]
    roles: [{ id: crm.reader, application: crm, name: Reader }, { id: crm.admin, application: crm, name: Admin }]
`,
);

let server: StartedServer;
beforeAll(async () => {
  server = await startServer({ env: { GATEBOOK_CONFIG: file, GATEBOOK_ADMIN_KEY: ADMIN_KEY } });
});
afterAll(() => server?.stop());

const env = () => ({ GATEBOOK_DATA_DIR: server.dataDir, GATEBOOK_API_KEY: ADMIN_KEY });
/** Runs `gatebook` on the server's folder, with its key. */
const gatebook = (...args: readonly string[]) => commandHere(args, env());
/** The same in a process of its own, of the last build. */
const gatebookAlone = (...args: readonly string[]) => commandAlone(args, env());

/** Does something to the data while no server holds it. */
async function onData<R extends object>(statement: string): Promise<readonly R[]> {
  const database = await openDatabase({ dataDir: server.dataDir, log: { info() {}, warn() {}, error() {} } });
  try {
    return (await database.query<R & Record<string, unknown>>(statement)).rows;
  } finally {
    await database.close();
  }
}

interface Outcomes {
  readonly outcomes: readonly {
    readonly projection: string;
    readonly differences: readonly { readonly changed: number; readonly keys: readonly string[] }[];
  }[];
}

describe('through the server that holds the data', () => {
  it('says what a rebuild would do', async () => {
    const { code, out } = await gatebookAlone('rebuild', 'roles', '--dry-run');
    expect({ code, out }).toEqual({
      code: 0,
      out: expect.stringMatching(/^roles: would read up to \d+ events, about 1 s, /),
    });
  });

  it('verifies every projection, and finds no difference', async () => {
    const { code, out } = await gatebook('verify-projections', '--json');
    expect(code).toBe(0);
    expect((JSON.parse(out) as Outcomes).outcomes.map(({ projection }) => projection)).toEqual(NAMES);
  });

  it('rebuilds every projection while it serves', async () => {
    const { code, out } = await gatebook('rebuild', '--all'); // a short log is done before the first look at its progress
    expect(code).toBe(0);
    expect(out.match(/no differences/g)).toHaveLength(NAMES.length);
    const roles = await fetch(`${server.url}/api/v1/roles?tenant=acme`, {
      headers: { authorization: `Bearer ${ADMIN_KEY}` },
    });
    expect(roles.status).toBe(200);
  });

  it('refuses a projection that does not exist, and names those that do', async () => {
    const { code, err } = await gatebook('rebuild', 'gratns');
    expect({ code, err }).toEqual({ code: 1, err: expect.stringContaining('link-proposals') });
  });

  it('has nothing parked, and nothing to publish', async () => {
    expect(await gatebook('parked', 'list')).toMatchObject({ code: 0, out: 'Nothing is parked.\n' });
    expect(await gatebook('parked', 'replay', '--projection', 'grants')).toMatchObject({
      code: 0,
      out: '0 events taken\nNothing is parked.\n',
    });
    expect(await gatebook('republish')).toMatchObject({ code: 1, err: expect.stringContaining('without Kafka') });
  });
});

describe('on a folder that nobody holds', () => {
  beforeAll(() => server.stop());

  it('finds a row that somebody changed, mends it by a rebuild, and records what it found', async () => {
    await onData(`update read_model.roles_v1 set name = 'Forged' where role = 'crm.reader'`);
    const found = await gatebookAlone('verify-projections', 'roles', 'grants', '--json');
    expect(found.code).toBe(1);
    expect((JSON.parse(found.out) as Outcomes).outcomes).toMatchObject([
      { projection: 'roles', differences: [{ changed: 1, keys: [expect.stringMatching(/^acme\/crm\.reader\/\d+$/)] }] },
      { projection: 'grants', differences: [{ changed: 0, keys: [] }] },
    ]);
    expect(await gatebook('rebuild', 'roles')).toMatchObject({
      code: 0,
      out: expect.stringContaining('1 rows differ from the live ones'),
    });
    expect(await gatebook('verify-projections', 'roles')).toMatchObject({
      code: 0,
      out: expect.stringContaining('no differences'),
    });
    const recorded = await onData<{ differing: number }>(
      `select (data->'differences'->0->>'changed')::int as differing from es.events
       where type = 'ProjectionVerified' and data->>'projection' = 'roles' order by position`,
    );
    expect(recorded.map(({ differing }) => differing)).toEqual([0, 1, 0]);
  });

  it('needs Kafka to publish again', async () => {
    expect(await gatebook('republish')).toMatchObject({ code: 2, err: expect.stringContaining('KAFKA_BROKERS') });
  });
});
