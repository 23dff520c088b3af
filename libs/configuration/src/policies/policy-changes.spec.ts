import { installation } from '#libs/testing';
import { type Configuration, noReferences, readConfiguration } from '../index.js';
import { configurationWith, POLICIES } from './policies.fixture.js';

const NONE = '      []\n';
const item = (policy: string) => `      - ${policy}\n`;
const read = (policies: string): Configuration => readConfiguration(configurationWith(policies), noReferences);

describe('policies of a file', () => {
  const short = (plan: readonly { action: string; kind: string; id: string; changed: readonly string[] }[]) =>
    plan.map(({ action, kind, id, changed }) => `${action} ${kind} ${id} ${changed.join(' ')}`.trim());
  const applied = async (configuration: Configuration) => {
    const place = installation();
    await place.carryOut(await place.plan(configuration));
    return place;
  };
  const MAKER = '{ id: maker-checker, kind: sod, roles: [pay.create, pay.approve] }';

  it('become facts, once', async () => {
    const place = await applied(read(POLICIES));
    const view = await place.catalog();
    expect(view.policies('acme').map(({ id }) => id)).toEqual([
      'privileged-grants',
      'quarterly-crm',
      'maker-checker',
      'elevate-prod',
      'dormant-90',
      'jit-mfa',
    ]);
    expect(view.policy('acme', 'dormant-90')).toMatchObject({ tenant: 'acme', version: 1, managedBy: 'config' });
    expect(await place.plan(read(POLICIES))).toEqual([]);
    expect(await place.plan(read(POLICIES), { prune: true })).toEqual([]);
  });

  it('that change, leave or are pruned say so', async () => {
    const place = await applied(read(item(MAKER)));
    const plan = async (policies: string, prune = false) => short(await place.plan(read(policies), { prune }));
    expect(await plan(item(MAKER.replace(' }', ', mode: preventive }')))).toEqual(['change policy maker-checker mode']);
    expect(await plan(item(MAKER.replace(' }', ', enabled: false }')))).toEqual([
      'disable policy maker-checker enabled',
    ]);
    expect(await plan(NONE)).toEqual(['disable policy maker-checker enabled']);
    expect(await plan(NONE, true)).toEqual(['remove policy maker-checker']);
  });

  it('that were pruned can come back, at the next version', async () => {
    const place = await applied(read(item(MAKER)));
    await place.carryOut(await place.plan(read(NONE), { prune: true }));
    expect((await place.catalog()).policies('acme')).toEqual([]);
    await place.carryOut(await place.plan(read(item(MAKER))));
    expect((await place.catalog()).policy('acme', 'maker-checker')).toMatchObject({ status: 'present', version: 2 });
  });

  it('keep their kind', async () => {
    const place = await applied(read(item(MAKER)));
    await expect(place.plan(read(item('{ id: maker-checker, kind: dormant, after: P90D }')))).rejects.toMatchObject({
      code: 'policy-kind-fixed',
    });
  });
});
