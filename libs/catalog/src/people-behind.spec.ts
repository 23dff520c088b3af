/** Whose word it is that comes from a key or an account. In memory. */
import type { Scope } from '#libs/contracts';
import { accountDecider, apiKeyDecider } from '#libs/domain';
import { decideAndAppend, type WritePath } from '#libs/event-store';
import { type Actor, streamName } from '#libs/kernel';
import { ada, arrayEventStore, bo, clearCodec, metadataOf, olga, seededId } from '#libs/testing';
import { Catalog } from './catalog.js';
import { peopleBehind } from './people-behind.js';

const NOW = '2026-03-02T08:00:00.000Z';
const OPERATOR: Actor = { kind: 'key', id: 'admin-key' };
const person = ({ account }: { readonly account: string }): Actor => ({ kind: 'account', id: account });
const named = ({ kind, id }: Actor): string => `${kind}:${id}`;

let path: WritePath;
let catalog: Catalog;
beforeEach(() => {
  const store = arrayEventStore();
  path = { store, codec: clearCodec, clock: { now: () => new Date(NOW) } };
  catalog = new Catalog(store, clearCodec);
});

/** A key that somebody makes. */
async function key(name: string, maker: Actor): Promise<Actor> {
  const id = seededId('key', name);
  const scopes: Scope[] = ['admin'];
  const data = { key: id, name, scopes, expiresAt: '2027-01-01T00:00:00.000Z', secretSha256: '0'.repeat(64) };
  await decideAndAppend(path, streamName({ category: 'apiKey', tenant: 'acme', id }), apiKeyDecider, {
    type: 'CreateApiKey',
    data: { ...data, reason: 'test' },
    metadata: metadataOf(name, 'acme', NOW, maker),
  });
  return { kind: 'key', id };
}

/** Two accounts of one person become one. */
async function merged(from: { readonly account: string }, into: { readonly account: string }): Promise<void> {
  const stream = streamName({ category: 'account', tenant: 'acme', id: from.account });
  const run = (type: string, data: object) =>
    decideAndAppend(path, stream, accountDecider, { type, data, metadata: metadataOf(type, 'acme', NOW) } as never);
  const profile = { ...ada.profile, userName: from.account };
  const rest = { kind: 'person', sponsor: null, expiresAt: null, profile, links: [], reason: 'test' };
  await run('ProvisionByHand', { account: from.account, directory: 'staff', ...rest });
  await run('MergeInto', { into: into.account, reason: 'the same' });
}

const behind = async (sender: Actor) =>
  (await peopleBehind({ catalog, path }, 'acme', [named(sender)])).get(named(sender)) ?? named(sender);

it('a key is the word of who made it, also through keys that keys made', async () => {
  const first = await key('first', person(ada));
  const third = await key('third', await key('second', first));
  expect([await behind(first), await behind(third)]).toEqual([named(person(ada)), named(person(ada))]);
});

it('a key that the operator made is its own word, and that of the keys that it made', async () => {
  const root = await key('root', OPERATOR);
  const other = await key('other', OPERATOR);
  expect([await behind(root), await behind(other)]).toEqual([named(root), named(other)]);
  expect(await behind(await key('made', root))).toBe(named(root));
});

it('an account that was merged goes on as the other, and so does the word of its keys', async () => {
  await merged(ada, bo);
  await merged(bo, olga);
  expect(await behind(person(ada))).toBe(named(person(olga)));
  expect(await behind(await key('old', person(ada)))).toBe(named(person(olga)));
});

it('whoever speaks for themselves is absent', async () => {
  const system: Actor = { kind: 'system', id: 'configuration' };
  const unknown: Actor = { kind: 'key', id: seededId('unknown') };
  const asked = [system, unknown, OPERATOR, person(ada)].map(named);
  expect(await peopleBehind({ catalog, path }, 'acme', asked)).toEqual(new Map());
});
