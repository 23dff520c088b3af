/** Proofs of domains are looked after: gone for three days running they lapse, silence of name servers proves nothing. */
import { domainChallengeOf } from '#libs/configuration';
import { ownedDomains } from '#libs/domain';
import { connectionSettings } from '#libs/testing';
import { DomainProofsTask } from './domain-proofs.task.js';
import { DAY, HOUR, UpkeepBench } from './upkeep.fixture.js';

jest.setTimeout(60_000);

type Zone = 'there' | 'gone' | 'silent';

let bench: UpkeepBench;
let task: DomainProofsTask;
let zone: Zone;
let asked: number;
/** The connection of the test: ids are never used again. */
let okta: string;
let count = 0;
beforeAll(async () => {
  bench = await UpkeepBench.open();
});
beforeEach(async () => {
  count += 1;
  okta = `okta-${count}`;
  const { catalog, keyring, clock } = bench.engine;
  const { recordValue } = domainChallengeOf(keyring, 'acme', 'acme.example');
  [zone, asked] = ['there', 0];
  const resolveTxt = async () => {
    asked += 1;
    if (zone === 'silent') throw Object.assign(new Error('no answer'), { code: 'ETIMEOUT' });
    return zone === 'there' ? [[recordValue]] : [];
  };
  task = new DomainProofsTask(bench.commands, catalog, keyring, clock, resolveTxt);
  await bench.configure(okta, connectionSettings({ domainOwnership: 'dns' }));
  await bench.does(okta, {
    type: 'ProveDomain',
    data: { domain: 'acme.example', recordName: '_gatebook-challenge.acme.example' },
  });
});
afterEach(() => bench.clear());
afterAll(() => bench.close());

const owned = async () => ownedDomains(await bench.connection(okta));
/** One look a day, or as often as said, at what the name servers say by then. */
async function days(...zones: readonly Zone[]): Promise<void> {
  for (const each of zones) {
    zone = each;
    await bench.look(task);
    bench.passes(DAY);
  }
}

it('a record that stays proves for ever', async () => {
  await days(...Array.from({ length: 10 }, (): Zone => 'there'));
  expect(await owned()).toEqual(['acme.example']);
  expect(asked).toBe(10);
});

it('a record that is gone for three days running proves nothing any more', async () => {
  await days('there', 'gone', 'gone');
  expect(await owned()).toEqual(['acme.example']);
  await bench.takenOver();
  await days('gone');
  expect(await owned()).toEqual([]);
  expect((await bench.events('connection', okta)).at(-1)).toEqual({
    type: 'DomainProofLapsed',
    data: { connection: okta, domain: 'acme.example' },
  });
  await days('gone');
  expect(asked).toBe(4);
});

it('a record that comes back in between begins anew', async () => {
  await days('gone', 'gone', 'there', 'gone', 'gone');
  expect(await owned()).toEqual(['acme.example']);
});

it('name servers that do not answer take nothing away, and are asked again within the hour', async () => {
  await days(...Array.from({ length: 10 }, (): Zone => 'silent'));
  expect(await owned()).toEqual(['acme.example']);
  zone = 'silent';
  await bench.look(task);
  const before = asked;
  bench.passes(HOUR);
  await bench.look(task);
  expect(asked).toBe(before + 1);
});

it('a domain that the operator asserts is not looked up', async () => {
  await bench.configure(okta, connectionSettings({ domainOwnership: 'operator' }));
  await days('gone', 'gone', 'gone', 'gone');
  expect(asked).toBe(0);
  expect(await owned()).toEqual(['acme.example']);
});
