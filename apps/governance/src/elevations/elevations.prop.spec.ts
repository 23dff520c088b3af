/**
 * Elevations against their promise, with the use cases and the process as they are and a store that fails in the middle: whoever asks,
 * approves, extends, ends, revokes or dies, and in whatever order, no role of an elevation counts at or after its end; once everything was
 * looked after nothing is left, and looking again writes nothing.
 */
import fc from 'fast-check';
import { Catalog } from '#libs/catalog';
import type { ElevationEvent } from '#libs/contracts';
import { type AccountCommand, accountDecider, type Grant, grantsHeld } from '#libs/domain';
import { decideAndAppend, type EventStore, type WritePath } from '#libs/event-store';
import { type CommandMetadata, DomainError, type RecordedEvent, streamName } from '#libs/kernel';
import type { RunAccountCommand } from '#libs/platform';
import { ada, arrayEventStore, clearCodec, historyOf, metadataOf, olga, provisioned, seededId } from '#libs/testing';
import { ephemeralKeyring } from '#libs/vault';
import { PeopleBehind } from '../people/people-behind.js';
import { GovernanceCommands } from '../reading/governance-commands.js';
import { ElevationGrants } from './elevation-grants.js';
import { ElevationSettling } from './elevation-settling.js';
import { readAccount, readElevation } from './elevation-stream.js';
import { Elevations } from './elevations.js';

const BEGIN = Date.parse('2026-03-02T08:00:00.000Z');
const MINUTE = 60_000;
const keyring = ephemeralKeyring();

type Step =
  | { readonly do: 'request' | 'breakGlass' | 'revoke' | 'suspend' | 'wake' }
  | { readonly do: 'approve' | 'extend' | 'end' | 'refuse' | 'settle'; readonly nth: number }
  | { readonly do: 'wait'; readonly minutes: number }
  /** The append after that many more ones is lost, and with it whatever was to follow. */
  | { readonly do: 'crash'; readonly after: number };

class CrashError extends Error {}

/** Ada, one role that olga approves of for at most two hours, and everything in memory. */
async function world() {
  const memory = arrayEventStore();
  let [now, crashAfter, requests] = [BEGIN, -1, 0];
  const store: EventStore = {
    ...memory,
    append: async (stream, expected, events) => {
      if (crashAfter === 0) {
        crashAfter = -1;
        throw new CrashError('The process dies here.');
      }
      if (crashAfter > 0) crashAfter -= 1;
      return memory.append(stream, expected, events);
    },
  };
  const path: WritePath = { store, codec: clearCodec, clock: { now: () => new Date(now) } };
  const accountStream = streamName({ category: 'account', tenant: 'acme', id: ada.account });
  const run = (command: AccountCommand) => decideAndAppend(path, accountStream, accountDecider, command);
  const bus = { execute: ({ command }: RunAccountCommand) => run(command) };
  const background = new GovernanceCommands(path, keyring);
  const catalog = new Catalog(store, clearCodec);
  const grants = new ElevationGrants(bus as never, background, catalog, path);
  const people = { find: async () => ({ preferred: [[olga.account]], fallback: [] }) };
  const settling = new ElevationSettling(grants, background, path);
  const elevations = new Elevations(
    grants,
    people as never,
    settling,
    background,
    new PeopleBehind(catalog, path),
    catalog,
    path,
  );
  const ids: string[] = [];
  const metadata = (by: string): CommandMetadata =>
    metadataOf(`request ${requests++}`, 'acme', new Date(now).toISOString(), { kind: 'account', id: by });
  const asking = (by: string) => ({
    metadata: metadata(by),
    acting: { account: by, via: 'session' as const, apiKey: null },
    mayAdminister: false,
  });
  await seed(store);
  return {
    path,
    ids,
    asking,
    elevations,
    settling,
    run,
    metadata,
    written: () => memory.log.length,
    now: () => new Date(now).toISOString(),
    wait: (minutes: number) => {
      now += minutes * MINUTE;
    },
    crash: (after: number) => {
      crashAfter = after;
    },
    heal: () => {
      crashAfter = -1;
    },
  };
}
type World = Awaited<ReturnType<typeof world>>;

async function seed(store: EventStore): Promise<void> {
  const role = { application: 'prod', name: 'Production', privileged: true, risk: 'low', maxDuration: null };
  const approvers = [{ kind: 'named', principal: 'olga' }];
  const settings = {
    kind: 'elevation',
    roles: ['prod.admin'],
    maxDuration: 'PT2H',
    approvers,
    fallback: [],
    approvals: 1,
    breakGlass: true,
    requestValidFor: 'PT5H',
  };
  const said = { managedBy: 'config', reason: null };
  const fact = (category: string, id: string, type: string, data: object) => ({
    category,
    tenant: 'acme',
    id,
    event: () => ({ type, data }),
  });
  const facts = [
    provisioned(ada),
    fact('role', 'prod.admin', 'RoleDefined', { role: 'prod.admin', settings: role, owner: null, ...said }),
    fact('policy', 'elevate', 'PolicyDefined', { policy: 'elevate', settings, enabled: true, ...said }),
  ];
  for (const each of facts) {
    const [event] = historyOf(each) as unknown as [RecordedEvent];
    await store.append(event.stream, -1, (await clearCodec.encode([event])) as never);
  }
}

/** Carries a step out; what is refused, and what dies in the middle, is part of the game. */
async function take(step: Step, of: World): Promise<void> {
  try {
    await attempt(step, of);
  } catch (error) {
    if (!(error instanceof DomainError || error instanceof CrashError)) throw error;
  }
}

async function attempt(
  step: Step,
  { elevations, settling, ids, asking, wait, crash, run, ...of }: World,
): Promise<void> {
  const id = 'nth' in step ? ids[step.nth % Math.max(1, ids.length)] : undefined;
  switch (step.do) {
    case 'request':
    case 'breakGlass': {
      const asked = asking(ada.account);
      ids.push(asked.metadata.deriveId('elevation'));
      const breakGlass = step.do === 'breakGlass';
      const wanted = { account: ada.account, role: 'prod.admin', durationMs: 60 * MINUTE, breakGlass, reason: 'test' };
      await elevations.request(wanted, asked);
      return;
    }
    case 'revoke': {
      const { state } = await readAccount(of.path, 'acme', ada.account);
      const [grant = ''] = [...state.grants.keys()];
      const data = { grant, withhold: true, decision: seededId('decision'), reason: 'test' };
      await run({ type: 'RevokeGrant', data, metadata: of.metadata(olga.account) });
      return;
    }
    case 'suspend':
      await run({ type: 'Deactivate', data: { source, reason: 'test', occurredAt: null }, metadata: of.metadata('x') });
      return;
    case 'wake': {
      const data = { source, restoreWithinMs: 1e9, reason: 'test', occurredAt: null };
      await run({ type: 'Reactivate', data, metadata: of.metadata('x') });
      return;
    }
    case 'wait':
      return wait(step.minutes);
    case 'crash':
      return crash(step.after);
  }
  if (id === undefined) return;
  if (step.do === 'approve') await elevations.approve(id, null, asking(olga.account));
  if (step.do === 'extend')
    await elevations.extend(id, { durationMs: 30 * MINUTE, reason: 'test' }, asking(olga.account));
  if (step.do === 'end') await elevations.end(id, 'test', asking(ada.account));
  if (step.do === 'refuse') await elevations.refuse(id, 'test', asking(olga.account));
  if (step.do === 'settle') await settling.settle('acme', id);
}

const source = { kind: 'manual', connection: null, connectionVersion: null, protocol: 'manual', issuer: null } as const;

/** Grants that count at an instant at which their elevation does not. */
async function overdue({ path, ids }: World, at: string): Promise<Grant[]> {
  const { state } = await readAccount(path, 'acme', ada.account);
  const held = grantsHeld({ ...state, status: 'active' }, at);
  const wrong: Grant[] = [];
  for (const id of ids) {
    const { state: elevation } = await readElevation(path, 'acme', id);
    const over = elevation.until === null || elevation.until <= at;
    if (over) wrong.push(...held.filter(({ source: { actor } }) => actor === `elevation:${id}`));
  }
  return wrong;
}

const steps = fc.array(
  fc.oneof(
    { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('request', 'breakGlass', 'revoke', 'suspend', 'wake') }) },
    {
      weight: 6,
      arbitrary: fc.record({
        do: fc.constantFrom('approve', 'approve', 'extend', 'end', 'refuse', 'settle'),
        nth: fc.nat(3),
      }),
    },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('wait'), minutes: fc.integer({ min: 0, max: 90 }) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('crash'), after: fc.nat(3) }) },
  ) as fc.Arbitrary<Step>,
  { minLength: 4, maxLength: 25 },
);

describe('whatever happens, and wherever a process dies', () => {
  it('no role of an elevation counts at its end or later, and in the end nothing is left', () =>
    fc.assert(
      fc.asyncProperty(steps, async (some) => {
        const of = await world();
        for (const step of [{ do: 'request' } as const, ...some]) {
          await take(step, of);
          for (const ahead of [0, 30, 60, 120, 600]) {
            const at = new Date(Date.parse(of.now()) + ahead * MINUTE).toISOString();
            expect(await overdue(of, at)).toEqual([]);
          }
        }
        of.heal();
        of.wait(24 * 60);
        for (const id of of.ids) await of.settling.settle('acme', id).catch(absent);
        const written = of.written();
        for (const id of of.ids) await of.settling.settle('acme', id).catch(absent);
        expect(of.written()).toBe(written);
        await expectAllOver(of);
      }),
      { numRuns: 100 },
    ));

  it('a grant that outlives its elevation would be seen', async () => {
    const of = await world();
    await take({ do: 'breakGlass' }, of);
    const [id = ''] = of.ids;
    const { state } = await readElevation(of.path, 'acme', id);
    const later = { elevation: id, grant: seededId('forged'), role: 'prod.admin', until: '2027-01-01T00:00:00.000Z' };
    const data = { ...later, sod: [], overrideWithholding: true, evidence: null, reason: 'test' };
    await of.run({ type: 'GrantElevation', data, metadata: of.metadata(olga.account) });
    expect(await overdue(of, state.until ?? '')).toHaveLength(1);
  });
});

/** A request whose append was lost is nowhere. */
function absent(error: unknown): void {
  if (!(error instanceof DomainError && error.code === 'elevation-not-found')) throw error;
}

/** Everything has come to its end, and what is written down about it is what the account says. */
async function expectAllOver({ path, ids }: World): Promise<void> {
  const { state, events: told } = await readAccount(path, 'acme', ada.account);
  expect([...state.grants.values()]).toEqual([]);
  for (const id of ids) {
    const { state: elevation, events } = await readElevation(path, 'acme', id);
    expect(['absent', 'refused', 'ended']).toContain(elevation.status);
    const ended = (events as (RecordedEvent & ElevationEvent)[]).find(({ type }) => type === 'ElevationEnded');
    const ends = told.flatMap(({ type, data }) => {
      const { grants, effectiveAt } = data as { grants: { id: string }[]; effectiveAt: string };
      return type === 'AccessRevoked' && grants.some((grant) => elevation.grants.includes(grant.id))
        ? [effectiveAt]
        : [];
    });
    const last = ends.sort().at(-1);
    if (ended && last) expect([id, elevation.endedAt]).toEqual([id, last]);
  }
}
