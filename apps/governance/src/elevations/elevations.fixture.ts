/** People, roles and policies for the specs of elevations over HTTP, and the words that they are told in. */
import type { ConnectionSettings, ElevationPolicy, Scope } from '#libs/contracts';
import { rolesHeld } from '#libs/domain';
import { ENVIRONMENT, type Environment } from '#libs/platform';
import { type GovernanceServer, startGovernance } from '../governance-server.fixture.js';
import { ElevationsProcess } from './elevations.process.js';

export const HOUR = 3_600_000;
export const policy = (over: Partial<ElevationPolicy> = {}): ElevationPolicy => ({
  kind: 'elevation',
  roles: ['prod.operator'],
  maxDuration: 'PT4H',
  approvers: [{ kind: 'roleOwner', principal: null }],
  fallback: [],
  approvals: null,
  breakGlass: false,
  requestValidFor: 'P3D',
  ...over,
});

/** The server and the people of one spec; `server` is another one after a restart. */
export interface ElevationWorld {
  server: GovernanceServer;
  accounts: Record<'ada' | 'olga' | 'bo' | 'carl' | 'mallory', string>;
}

/** Filled in by `startElevations`. Each spec file has its own. */
export const world = {} as ElevationWorld;
export const sessions = new Map<string, Record<string, string>>();
const keys = new Map<string, Record<string, string>>();

/** Starts governance with roles that can be had for a time: prod.operator of olga, prod.admin of two people, pay.approve at once. */
export async function startElevations(okta: ConnectionSettings): Promise<void> {
  world.server = await startGovernance();
  const { acme } = world.server;
  world.accounts = {
    olga: await acme.person('olga'),
    bo: await acme.person('bo'),
    carl: await acme.person('carl'),
    mallory: await acme.person('mallory'),
    ada: await acme.person('ada', { manager: 'bo' }),
  };
  await acme.connect('okta', okta);
  await acme.role('prod.operator', { application: 'prod', privileged: true, risk: 'medium' });
  await acme.role('pay.create', { application: 'pay' });
  await acme.role('pay.approve', { application: 'pay' });
  await acme.policy('elevate-prod', policy());
  await acme.policy(
    'elevate-high',
    policy({
      roles: ['prod.admin'],
      approvers: [
        { kind: 'roleOwner', principal: null },
        { kind: 'manager', principal: null },
      ],
    }),
  );
  await acme.policy('elevate-pay', policy({ roles: ['pay.approve'], breakGlass: true }));
  await acme.policy('maker-checker', {
    kind: 'sod',
    roles: [['pay.create'], ['pay.approve']],
    mode: 'preventive',
    owner: null,
  });
}

/** Headers of a request of somebody who is signed in. */
export const as = async (userName: string) => {
  const origin = world.server.app.get<Environment>(ENVIRONMENT, { strict: false }).publicUrl;
  const known = sessions.get(userName) ?? { ...(await world.server.acme.session(userName, 'okta')), origin };
  sessions.set(userName, known);
  return known;
};
/** Headers of a request with a key of acme. */
export const key = async (...scopes: Scope[]) => {
  const name = scopes.join();
  const known = keys.get(name) ?? (await world.server.acme.key(scopes));
  keys.set(name, known);
  return known;
};

interface Answer {
  readonly status: number;
  readonly body: { id: string; status: string; code: string; positionToken: string } & Record<string, unknown>;
}
let requests = 0;
/** Posts to the elevations. */
export const send = async (
  path: string,
  body: object,
  headers: Record<string, string>,
  idempotencyKey = `${requests++}`,
): Promise<Answer> => {
  const response = await world.server.post(`/api/v1/elevations${path}`, body, { key: idempotencyKey, headers });
  return { status: response.status, body: (await response.json()) as Answer['body'] };
};
/** Reads from the elevations. */
export const read = async (path: string, headers: Record<string, string>): Promise<Answer> => {
  const response = await world.server.ask(`/api/v1/elevations${path}`, { headers });
  return { status: response.status, body: (await response.json()) as Answer['body'] };
};
/** What ada asks for. */
export const wanted = (over: object = {}) => ({
  account: world.accounts.ada,
  role: 'prod.operator',
  reason: 'incident 42',
  duration: 'PT2H',
  ...over,
});
/** Ada asks. @returns the elevation */
export const requested = async (over: object = {}) => (await send('', wanted(over), await as('ada'))).body.id;
/** Ada asks and olga approves. @returns the elevation */
export const begun = async (over: object = {}) => {
  const id = await requested(over);
  const { status, body } = await send(`/${id}/approve`, {}, await as('olga'));
  expect([status, body.status]).toEqual([200, 'active']);
  return id;
};
/** Whether somebody holds the role now, as their own stream says. */
export const holds = async (person: string, role = 'prod.operator') =>
  rolesHeld(await world.server.acme.state(person), world.server.clock.now().toISOString()).includes(role);
/** What is recorded about an elevation. */
export const events = async (id: string) => {
  const stored = await world.server.path.store.readStream(`elevation-acme+${id}`);
  const decoded = await world.server.path.codec.decode(stored);
  return decoded.map(({ type, data }) => ({ type, data: data as Record<string, unknown> }));
};
/** One look of the process, once everything is followed. */
export const look = async () => {
  await world.server.settle();
  await world.server.app.get(ElevationsProcess, { strict: false }).look(new AbortController().signal);
};
/** An elevation as the API shows it. */
export const statusOf = async (id: string) => (await read(`/${id}`, await key('audit:read'))).body;

/** After a test: everything comes to its end, so that the next one begins without elevations under way. */
export async function comeToEnd(): Promise<void> {
  world.server.clock.advance(24 * 5 * HOUR);
  sessions.clear();
  await look();
}
