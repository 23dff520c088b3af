/** What happens reaches those who act upon it: all of it, in the order of its stream, again after a crash, and only once the read model has it. */
import type { SealedEvent } from '#libs/kernel';
import { findAccount } from '#libs/read-model';
import { type GovernanceServer, startGovernance } from '../governance-server.fixture.js';
import { EventSteps } from './event-steps.js';

let server: GovernanceServer;
beforeAll(async () => {
  server = await startGovernance();
}, 60_000);
afterAll(() => server.close());

/** Takes note of everything of a type; `failing` says for which events it fails, how often. */
function listenFor(type: string, failing: (event: SealedEvent, nth: number) => boolean = () => false) {
  const seen: SealedEvent[] = [];
  const tries = new Map<string, number>();
  server.app.get(EventSteps, { strict: false }).add({
    name: 'test',
    types: [type],
    async handle(event) {
      const nth = (tries.get(event.id) ?? 0) + 1;
      tries.set(event.id, nth);
      if (failing(event, nth)) throw new Error('not now');
      seen.push(event);
    },
  });
  return seen;
}

describe('the reader of governance', () => {
  it('hands on what happens, in clear, once the read model has it', async () => {
    const known: boolean[] = [];
    server.app.get(EventSteps, { strict: false }).add({
      name: 'test',
      types: ['UserProvisioned'],
      handle: async ({ tenant, data }) => {
        const { account } = data as { account: string };
        known.push(
          (await findAccount(server.database, { tenant, account, now: server.clock.now().toISOString() })) !== null,
        );
      },
    });
    const seen = listenFor('UserProvisioned');
    const ada = await server.acme.person('ada');
    await server.settle();
    expect(seen.map(({ data }) => data)).toEqual([
      expect.objectContaining({ account: ada, profile: expect.objectContaining({ userName: 'ada' }) }),
    ]);
    expect(known).toEqual([true]);
  });

  it('tries again what fails, and keeps the order of the stream', async () => {
    const seen = listenFor('RolesAssigned', (_event, nth) => nth < 3);
    await server.acme.person('bob');
    await server.acme.give('bob', 'crm.reader');
    await server.acme.give('bob', 'crm.writer');
    await server.settle();
    expect(seen.map(({ revision }) => revision)).toEqual([1, 2]);
    expect(server.logged.join('')).toContain('an event was followed in vain');
    expect(server.logged.join('')).not.toContain('"bob"');
  });

  it('goes on where it was, and from the beginning when its place is lost', async () => {
    await server.settle();
    const place = await placeOf(server);
    expect(place).toBeGreaterThan(0);
    server = await server.restart();
    const seen = listenFor('UserProvisioned');
    await server.acme.person('cyd');
    await server.settle();
    expect(seen).toHaveLength(1);
    await server.database.query('delete from governance.places');
    server = await server.restart();
    await server.settle();
    expect(await placeOf(server)).toBeGreaterThan(place);
  }, 60_000);
});

async function placeOf({ database }: GovernanceServer): Promise<number> {
  const { rows } = await database.query<{ position: number }>('select position from governance.places');
  return rows[0]?.position ?? -1;
}
