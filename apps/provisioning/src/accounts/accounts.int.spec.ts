/** Identities of accounts: separated and merged once per Idempotency-Key, by those who may, and completed after an interruption. */
import { v5 as uuidv5 } from 'uuid';
import { accountDecider } from '#libs/domain';
import { decideAndAppend, deriveId } from '#libs/event-store';
import { type CommandMetadata, streamName } from '#libs/kernel';
import {
  accountOf,
  accountState,
  configure,
  type ProvisioningServer,
  rolesOf,
  sampleConfiguration,
  signIn,
  startProvisioning,
  temporaryFolder,
} from '../provisioning-server.fixture.js';

jest.setTimeout(60_000);

const folder = temporaryFolder();
let server: ProvisioningServer;
beforeAll(async () => {
  server = await startProvisioning(folder.path);
  const text = await sampleConfiguration({ connections: ['okta', 'entra'] });
  await configure(
    server,
    text.replace('"directories":[{"id":"staff"}]', '"directories":[{"id":"staff"},{"id":"guests"}]'),
  );
});
afterAll(async () => {
  await server.close();
  folder.remove();
});

interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of many shapes
  readonly body: any;
}

let asked = 0;
const write = async (path: string, body: object, key = `key-${asked++}`): Promise<Answer> => {
  const answer = await server.post(`/api/v1/accounts/${path}`, { reason: 'test', ...body }, key);
  return { status: answer.status, body: await answer.json() };
};
const codeOf = ({ status, body }: Answer) => [status, body.code];
const eventsOf = async (person: string) => {
  const stream = streamName({ category: 'account', tenant: 'acme', id: accountOf(person) });
  return (await server.path.store.readStream(stream)).map(({ type }) => type);
};
const commandOf = (commandId: string): CommandMetadata => ({
  tenant: 'acme',
  actor: { kind: 'system', id: 'test' },
  commandId,
  commandDigest: '0'.repeat(64),
  correlationId: commandId,
  now: server.path.clock.now().toISOString(),
  deriveId: (name) => deriveId(commandId, name),
});
const linksOf = async (person: string) => (await accountState(server, person)).state.links;
const keyFor = async (...scopes: string[]) => {
  const body = { name: `k${asked++}`, scopes, tenant: 'acme', expiresAt: '2099-01-01T00:00:00Z', reason: 'test' };
  return ((await (await server.post('/api/v1/keys', body)).json()) as { secret: string }).secret;
};
const asKey = async (secret: string, path: string, body: object): Promise<Answer> => {
  const headers = {
    authorization: `Bearer ${secret}`,
    'content-type': 'application/json',
    'idempotency-key': `key-${asked++}`,
  };
  const init = { method: 'POST', headers, body: JSON.stringify({ reason: 'test', ...body }) };
  const answer = await server.ask(`/api/v1/accounts/${path}`, init);
  return { status: answer.status, body: await answer.json() };
};

describe('a subject', () => {
  const link = { connection: 'okta', subject: 'ada' };

  it('is unlinked once, however often it is asked for with the same key', async () => {
    await signIn(server, 'ada', ['sales']);
    expect(await rolesOf(server, 'ada')).toEqual(['crm.reader', 'crm.writer']);
    const first = await write(`${accountOf('ada')}/unlink`, link, 'unlink-ada');
    const again = await write(`${accountOf('ada')}/unlink`, link, 'unlink-ada');
    expect([first.status, again]).toEqual([200, first]);
    expect(await rolesOf(server, 'ada')).toEqual([]);
    const ended = (await eventsOf('ada')).filter((type) => type === 'IdentityUnlinked');
    expect(ended).toHaveLength(1);
    expect(codeOf(await write(`${accountOf('ada')}/unlink`, { ...link, subject: 'x' }, 'unlink-ada'))).toEqual([
      422,
      'idempotency-key-reused',
    ]);
  });

  it('is unlinked only where it is linked, from an account that there is', async () => {
    expect(codeOf(await write(`${accountOf('ada')}/unlink`, link))).toEqual([404, 'not-linked']);
    expect(codeOf(await write(`${accountOf('nobody')}/unlink`, link))).toEqual([404, 'account-not-found']);
  });

  it('is unlinked only by those who may write accounts', async () => {
    const answer = await asKey(await keyFor('audit:read'), `${accountOf('ada')}/unlink`, link);
    expect(answer.status).toBe(403);
  });
});

describe('a merge', () => {
  const into = (survivor: string, query = '') => `${accountOf(survivor)}/merge${query}`;
  const from = (person: string) => ({ from: accountOf(person) });
  const pairOf = async (name: string): Promise<[string, string]> => {
    await signIn(server, name, null);
    await signIn(server, `${name}-2`, ['sales'], { connection: 'entra' });
    return [name, `${name}-2`];
  };

  it('says beforehand what would move and end, and changes nothing then', async () => {
    const [bea, other] = await pairOf('bea');
    const before = await eventsOf(other);
    const { status, body } = await write(into(bea, '?dryRun=true'), from(other));
    expect([status, body.dryRun, body.positionToken]).toEqual([200, true, null]);
    expect(body.links).toEqual([{ connection: 'entra', subject: other }]);
    expect(body.endedGrants.map(({ role }: { role: string }) => role).sort()).toEqual(['crm.reader', 'crm.writer']);
    expect([await eventsOf(other), await linksOf(bea)]).toEqual([before, [{ connection: 'okta', subject: bea }]]);

    const merged = await write(into(bea), from(other));
    expect(merged.body).toEqual({ ...body, dryRun: false, positionToken: expect.any(String) });
  });

  it('happens once, however often it is asked for', async () => {
    const [cyd, other] = await pairOf('cyd');
    const first = await write(into(cyd), from(other), 'merge-cyd');
    const recorded = [await eventsOf(cyd), await eventsOf(other)];
    expect(await write(into(cyd), from(other), 'merge-cyd')).toEqual(first);
    const anew = await write(into(cyd), from(other));
    expect([anew.status, anew.body.links, anew.body.endedGrants]).toEqual([200, [], []]);
    expect([await eventsOf(cyd), await eventsOf(other)]).toEqual(recorded);
  });

  it('that was interrupted is completed by whoever asks again', async () => {
    const [dan, other] = await pairOf('dan');
    const commandId = uuidv5('an interrupted merge', accountOf('dan'));
    const stream = streamName({ category: 'account', tenant: 'acme', id: accountOf(dan) });
    await decideAndAppend(server.path, stream, accountDecider, {
      type: 'AbsorbAccount',
      data: { from: accountOf(other), links: await linksOf(other), withheld: [], reason: 'test' },
      metadata: commandOf(commandId),
    });
    const { status, body } = await write(into(dan), from(other));
    expect([status, body.links, body.endedGrants.length]).toEqual([200, [], 2]);
    expect((await accountState(server, other)).state.mergedInto).toBe(accountOf(dan));
    expect(await linksOf(dan)).toContainEqual({ connection: 'entra', subject: other });
  });

  it('does not wash off what a review decided, nor bring back what somebody has lifted since', async () => {
    const [kim, other] = await pairOf('kim');
    const decision = uuidv5('the decision of a review', accountOf(other));
    const stream = streamName({ category: 'account', tenant: 'acme', id: accountOf(other) });
    await decideAndAppend(server.path, stream, accountDecider, {
      type: 'WithholdRole',
      data: { role: 'crm.writer', rules: [], decision, reason: 'test' },
      metadata: commandOf(decision),
    });
    expect((await write(into(kim), from(other), 'merge-kim')).status).toBe(200);
    expect((await accountState(server, kim)).state.withheld.get('crm.writer')).toMatchObject({ decision });

    const lifted = streamName({ category: 'account', tenant: 'acme', id: accountOf(kim) });
    await decideAndAppend(server.path, lifted, accountDecider, {
      type: 'LiftWithholding',
      data: { role: 'crm.writer', reason: 'test' },
      metadata: commandOf(uuidv5('lifted', decision)),
    });
    for (const key of ['merge-kim', 'merge-kim-again']) await write(into(kim), from(other), key);
    expect((await accountState(server, kim)).state.withheld.size).toBe(0);
  });

  it('leaves alone what was unlinked after it', async () => {
    const [eve, other] = await pairOf('eve');
    await write(into(eve), from(other));
    await write(`${accountOf(eve)}/unlink`, { connection: 'entra', subject: other });
    await write(into(eve), from(other));
    expect(await linksOf(eve)).toEqual([{ connection: 'okta', subject: eve }]);
  });

  it('is refused, and nothing recorded, where it makes no sense', async () => {
    const [fay, other] = await pairOf('fay');
    const body = { directory: 'guests', userName: 'guest@acme.example', reason: 'test' };
    const guest = (await (await server.post('/api/v1/accounts', body)).json()) as { id: string };
    const before = [await eventsOf(fay), await eventsOf(other)];
    expect(codeOf(await write(into(fay), from(fay)))).toEqual([409, 'merge-not-possible']);
    expect(codeOf(await write(into(fay), { from: guest.id }))).toEqual([409, 'merge-not-possible']);
    expect(codeOf(await write(into(fay), from('nobody')))).toEqual([404, 'account-not-found']);
    expect(codeOf(await write(into('nobody'), from(fay)))).toEqual([404, 'account-not-found']);
    expect(codeOf(await write(into(fay), { from: 'not an id' }))).toEqual([400, 'invalid-request']);
    expect([await eventsOf(fay), await eventsOf(other)]).toEqual(before);

    await write(into(fay), from(other));
    expect(codeOf(await write(into(other), from(fay)))).toEqual([409, 'account-merged-into-another']);
    await pairOf('gil');
    expect(codeOf(await write(into('gil'), from(other)))).toEqual([409, 'account-merged-into-another']);
    expect(await linksOf('gil')).toHaveLength(1);
  });

  it('shows who it was only to those who may see personal data', async () => {
    const [hal, other] = await pairOf('hal');
    const secret = await keyFor('accounts:write');
    const { status, body } = await asKey(secret, into(hal, '?dryRun=true'), from(other));
    expect([status, body.links]).toEqual([200, [{ connection: 'entra', subject: '[withheld]' }]]);
  });

  it('needs what the account that goes on gives: it is a way into it', async () => {
    const [ida, other] = await pairOf('ida');
    await write(`${accountOf(ida)}/grants`, { role: 'gatebook.admin' });
    const answer = await asKey(await keyFor('accounts:write'), into(ida), from(other));
    expect(codeOf(answer)).toEqual([403, 'scope-exceeded']);
    expect(await linksOf(ida)).toHaveLength(1);
  });
});
