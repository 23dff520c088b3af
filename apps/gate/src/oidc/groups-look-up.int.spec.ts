/** Groups that did not fit into a token are read from where they are kept; whatever fails there, they stay unknown. */
import { GraphGroups, type VerifiedIdentity } from '#libs/federation';
import { connectionSettings, type FakeGraph, sampleOidc, startFakeGraph } from '#libs/testing';
import type { KnownConnection } from '../settings/known-connection.js';
import type { ProtocolSettings } from '../settings/protocol-settings.js';
import { GroupsLookUp } from './groups-look-up.js';

const NOW = new Date('2026-03-01T08:00:00.000Z');
const TID = '11111111-1111-4111-8111-111111111111';
const OID = '22222222-2222-4222-8222-222222222222';
const [STAFF, ADMINS] = ['33333333-3333-4333-8333-333333333333', '44444444-4444-4444-8444-444444444444'];

let graph: FakeGraph;
beforeEach(async () => {
  graph = await startFakeGraph();
});
afterEach(() => graph.close());

const connection = (withGraph = true) =>
  ({
    id: 'entra',
    tenant: 'acme',
    settings: connectionSettings({
      protocol: 'oidc',
      saml: null,
      oidc: { ...sampleOidc, graph: withGraph ? { clientId: 'graph-client', clientSecret: null } : null },
    }),
  }) as unknown as KnownConnection;

const overage = (claims: Record<string, string[]> = { tid: [TID], oid: [OID] }) =>
  ({ claims: new Map(Object.entries(claims)), groupsOverage: true }) as unknown as VerifiedIdentity;

function lookUp(secret: () => Promise<string | null> = async () => 'graph-secret') {
  const { loginUrl, graphUrl } = graph;
  const client = new GraphGroups({ fetch, loginUrl, graphUrl });
  return new GroupsLookUp({ secret } as unknown as ProtocolSettings, client, { now: () => NOW });
}

describe('groups that did not fit into the token', () => {
  it('are read page by page, and then known', async () => {
    graph.pages = [[STAFF], [ADMINS]];
    const identity = await lookUp().complete(connection(), overage());
    expect([identity.groupsOverage, identity.claims.get('groups')]).toEqual([false, [STAFF, ADMINS]]);
  });

  it('may be none: that is known, too', async () => {
    const identity = await lookUp().complete(connection(), overage());
    expect([identity.groupsOverage, identity.claims.get('groups')]).toEqual([false, []]);
  });

  it.each<[string, () => void]>([
    ['answers with an error', () => (graph.status = 503)],
    [
      'leads elsewhere for the next page',
      () => Object.assign(graph, { pages: [[STAFF], []], nextLink: 'https://evil.example/' }),
    ],
  ])('stay unknown when the directory %s', async (_how, goWrong) => {
    goWrong();
    const before = overage();
    expect(await lookUp().complete(connection(), before)).toBe(before);
  });

  it('stay unknown when the secret is wrong or missing', async () => {
    const before = overage();
    expect(await lookUp(async () => 'another').complete(connection(), before)).toBe(before);
    const missing = () => Promise.reject(new Error('missing'));
    expect(await lookUp(missing).complete(connection(), before)).toBe(before);
  });

  it('are not looked for without an application that may, or a person to look for', async () => {
    const before = overage();
    expect(await lookUp().complete(connection(false), before)).toBe(before);
    const nobody = overage({ tid: [TID] });
    expect(await lookUp().complete(connection(), nobody)).toBe(nobody);
    expect(graph.calls).toEqual([]);
  });
});
