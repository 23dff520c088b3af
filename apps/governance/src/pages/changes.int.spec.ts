/** Changes that wait for a second person, as administrators answer them in a browser without scripts. */
import { ENVIRONMENT, type Environment } from '#libs/platform';
import { connectionSettings } from '#libs/testing';
import { type ChangesWorld, changesWorld, type Hand, WATCH } from '../changes/changes.fixture.js';
import { type GovernanceServer, startGovernance } from '../governance-server.fixture.js';

jest.setTimeout(60_000);

let server: GovernanceServer;
let world: ChangesWorld;
let ada: Hand;
beforeAll(async () => {
  server = await startGovernance();
  await server.acme.connect('okta', connectionSettings());
  world = await changesWorld(server);
  ada = await world.admin('ada');
  await world.wantSecondPerson(1);
});
afterAll(() => server?.close());

/** The browser of somebody who is signed in. */
function browser({ headers }: Hand) {
  const { 'x-csrf-token': _none, ...cookie } = headers;
  const { publicUrl: origin } = server.app.get<Environment>(ENVIRONMENT, { strict: false });
  const told = async (response: Response) => ({
    status: response.status,
    location: response.headers.get('location') ?? '',
    text: await response.text(),
  });
  return {
    open: async (path: string) => told(await server.ask(path, { headers: cookie, redirect: 'manual' })),
    send: async (path: string, page: string, fields: Readonly<Record<string, string>>) => {
      const hidden = [...page.matchAll(/type="hidden" name="(\w+)" value="([^"]*)"/g)].map(([, name, value]) => [
        name,
        value,
      ]);
      return told(
        await server.ask(path, {
          method: 'POST',
          body: new URLSearchParams({ ...Object.fromEntries(hidden), ...fields }),
          headers: { ...cookie, origin, 'content-type': 'application/x-www-form-urlencoded' },
          redirect: 'manual',
        }),
      );
    },
  };
}

async function held(id: string): Promise<string> {
  const body = { settings: WATCH, reason: 'month-end' };
  const { body: waits } = await world.send<{ change: string }>(ada, 'PUT', `/api/v1/policies/${id}`, body);
  await server.settle();
  return `/approvals/changes/${waits.change}`;
}
const statusOf = async (policy: string) => (await world.send(null, 'GET', `/api/v1/policies/${policy}`)).status;

it('another administrator finds the change, reads what it comes to, and approves', async () => {
  const path = await held('dormant');
  const bo = browser(await world.admin('bo'));
  await server.settle();
  const { text: list } = await bo.open('/approvals');
  expect(list).toContain(`<a href="${path}">policy dormant</a>`);
  const { text: page } = await bo.open(path);
  expect(page).toContain('month-end');
  expect(page).toContain('P90D');
  const { status, location } = await bo.send(path, page, { answer: 'approve', reason: 'fine' });
  expect(status).toBe(303);
  expect(await statusOf('dormant')).toBe(200);
  const { text: after } = await bo.open(location);
  expect(after).toContain('Your approval was recorded.');
  expect(after).not.toContain(path);
});

it('whoever asked can only take it back, and a refusal keeps what was entered', async () => {
  const path = await held('own');
  const own = browser(ada);
  const { text } = await own.open(path);
  expect(text).not.toContain('value="approve"');
  const forced = await own.send(path, text, { answer: 'approve', reason: '<mine>' });
  expect(forced.status).toBe(403);
  expect(forced.text).toContain('own-change');
  expect(forced.text).toContain('value="&lt;mine&gt;"');
  expect((await own.send(path, forced.text, { answer: 'refuse', reason: 'a mistake' })).status).toBe(303);
  expect(await statusOf('own')).toBe(404);
});

it('is for administrators: others find neither list nor page', async () => {
  const path = await held('hidden');
  await server.acme.person('dan');
  const dan = browser({ headers: await server.acme.session('dan', 'okta') });
  expect((await dan.open('/approvals')).text).not.toContain('second person');
  expect((await dan.open(path)).status).toBe(403);
  expect((await dan.send(path, (await dan.open('/approvals')).text, { answer: 'approve', reason: 'x' })).status).toBe(
    403,
  );
  expect(await statusOf('hidden')).toBe(404);
});
