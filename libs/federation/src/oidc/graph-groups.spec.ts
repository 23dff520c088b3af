/** Looking up the groups of people who are in too many, against a fake of the two endpoints. */
import { type FakeGraph, startFakeGraph } from '#libs/testing';
import { GraphGroups } from './graph-groups.js';
import { NOW } from './sign-in.fixture.js';

const TID = '11111111-1111-4111-8111-111111111111';
const OID = '33333333-3333-4333-8333-333333333333';
const id = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
const ids = (from: number, count: number) => Array.from({ length: count }, (_, n) => id(from + n));
const query = { tid: TID, oid: OID, clientId: 'graph-client', clientSecret: 'graph-secret', now: NOW };
const unknown = { code: 'group-look-up-failed', kind: 'unavailable' };

let graph: FakeGraph;
let groups: GraphGroups;
beforeEach(async () => {
  graph = await startFakeGraph();
  groups = new GraphGroups({ fetch, loginUrl: graph.loginUrl, graphUrl: graph.graphUrl });
});
afterEach(() => graph.close());

describe('groups looked up', () => {
  it('come from all pages, by the person’s ids, with one token for many people', async () => {
    graph.pages = [ids(0, 3), ids(3, 2)];
    expect(await groups.groupsOf(query)).toEqual(ids(0, 5));
    await groups.groupsOf(query);
    expect(graph.calls).toEqual([
      `POST /login/${TID}/oauth2/v2.0/token`,
      `POST /v1.0/users/${OID}/getMemberObjects`,
      `GET /v1.0/users/${OID}/getMemberObjects?page=1`,
      `POST /v1.0/users/${OID}/getMemberObjects`,
      `GET /v1.0/users/${OID}/getMemberObjects?page=1`,
    ]);
  });

  it('may be none', async () => {
    expect(await groups.groupsOf(query)).toEqual([]);
  });

  it('are asked for with a new token when the old one is not taken', async () => {
    graph.pages = [ids(0, 1)];
    await groups.groupsOf(query);
    graph.forgetTokens();
    expect(await groups.groupsOf(query)).toEqual(ids(0, 1));
    graph.forgetTokens();
    await expect(groups.groupsOf(query)).rejects.toMatchObject(unknown);
  });
});

describe('groups are unknown', () => {
  it.each<[string, () => void]>([
    ['when Graph is overloaded', () => (graph.status = 429)],
    ['when the application may not ask', () => (graph.status = 403)],
    ['when an id is none', () => (graph.pages = [['all']])],
    ['when there are too many', () => (graph.pages = [ids(0, 5_001)])],
    ['when pages never end', () => (graph.pages = Array.from({ length: 52 }, () => ids(0, 1)))],
    [
      'when the next page is elsewhere',
      () => {
        graph.pages = [ids(0, 1), ids(1, 1)];
        graph.nextLink = 'https://evil.example/v1.0/users';
      },
    ],
  ])('%s', async (_, happens) => {
    happens();
    await expect(groups.groupsOf(query)).rejects.toMatchObject(unknown);
  });

  it('when the secret is wrong, and the message does not tell it', async () => {
    const looking = groups.groupsOf({ ...query, clientSecret: 'wrong-secret' });
    await expect(looking).rejects.toMatchObject({ ...unknown, message: expect.not.stringContaining('wrong-secret') });
  });

  it('when the ids are paths: nothing is asked', async () => {
    await expect(groups.groupsOf({ ...query, oid: '../me' })).rejects.toMatchObject(unknown);
    await expect(groups.groupsOf({ ...query, tid: 'common/..' })).rejects.toMatchObject(unknown);
    expect(graph.calls).toEqual([]);
  });
});
