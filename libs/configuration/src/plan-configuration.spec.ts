import { installation } from '#libs/testing';
import { WHOLE_CONFIGURATION } from './configuration.fixture.js';
import { builtInRoles, type Configuration, noReferences, type PlannedChange, readConfiguration } from './index.js';

const read = (...replacements: readonly (readonly [string, string])[]): Configuration =>
  readConfiguration(
    replacements.reduce((text, [from, to]) => text.replace(from, to), WHOLE_CONFIGURATION),
    noReferences,
  );
const whole = read();
const BUILT_IN = ['gatebook.admin', 'gatebook.auditor', 'gatebook.reviewer', 'gatebook.owner'];

describe('the first configuration of an installation', () => {
  it('is planned so that each thing finds what it needs, the built-in roles among them', async () => {
    const plan = await installation().plan(whole);
    expect(plan.map(inShort)).toEqual([
      'create tenant acme',
      ...BUILT_IN.map((role) => `create role ${role}`),
      'create role crm.reader',
      'create role crm.admin',
      'create connection okta',
    ]);
    expect(plan.map(({ changed }) => changed)).toEqual(plan.map(() => []));
    expect(plan.map(({ stream }) => stream)).toContain('connection-acme+okta');
  });

  it('becomes facts', async () => {
    const place = installation();
    const types = await place.carryOut(await place.plan(whole));
    expect(types).toEqual([
      'TenantRegistered',
      ...Array.from({ length: 6 }, () => 'RoleDefined'),
      'ConnectionRegistered',
    ]);
  });

  it('allows a connection’s own domains where it names none', async () => {
    const place = installation();
    await place.carryOut(await place.plan(read([', allowedDomains: [acme.example]', ''])));
    expect((await place.catalog()).connection('okta')?.settings?.jit.allowedDomains).toEqual(['acme.example']);
  });
});

describe('a configuration that is applied again', () => {
  it('is no change', async () => expect(await (await applied(whole)).plan(whole)).toEqual([]));

  it('is no change when pruned either', async () =>
    expect(await (await applied(whole)).plan(whole, { prune: true })).toEqual([]));

  it.each<[string, [string, string], string, string[]]>([
    ['a tenant', ['timeZone: Europe/Berlin', 'timeZone: UTC'], 'change tenant acme', ['timeZone']],
    ['a role', ['risk: high', 'risk: low'], 'change role crm.admin', ['risk']],
    ['the owner of a role', ['owner: ada@', 'owner: olga@'], 'change role crm.admin', ['owner']],
    ['a connection', ['trustEmail: true', 'trustEmail: false'], 'change connection okta', ['trustEmail']],
    ['a rule', ['group: crm-admins', 'group: leads'], 'change connection okta', ['rules']],
    ['a switch', ['enabled: true', 'enabled: false'], 'disable connection okta', ['enabled']],
  ])('changes %s alone when that alone differs', async (_, difference, change, changed) => {
    const plan = await (await applied(whole)).plan(read(difference));
    expect(plan.map((each) => [inShort(each), each.changed])).toEqual([[change, changed]]);
  });

  it('says of a connection that is changed and switched that it is both', async () => {
    const plan = await (await applied(whole)).plan(
      read(['trustEmail: true', 'trustEmail: false'], ['enabled: true', 'enabled: false']),
    );
    expect(plan.map(({ action, changed }) => [action, changed])).toEqual([['change', ['trustEmail', 'enabled']]]);
  });

  it('enables again what it disabled', async () => {
    const place = await applied(read(['enabled: true', 'enabled: false']));
    expect((await place.plan(whole)).map(inShort)).toEqual(['enable connection okta']);
  });
});

describe('what the file no longer names', () => {
  const without = (): Configuration => ({
    ...whole,
    tenants: whole.tenants.map((tenant) => ({ ...tenant, connections: [], roles: [] })),
  });

  it('is disabled and nothing else', async () => {
    const place = await applied(whole);
    expect((await place.plan(without())).map(inShort)).toEqual(['disable connection okta']);
    await place.carryOut(await place.plan(without()));
    expect(await place.plan(without())).toEqual([]);
    expect((await place.catalog()).liveRoles('acme')).toContain('crm.admin');
  });

  it('is removed when pruned, but for what is built in', async () => {
    const place = await applied(whole);
    const plan = await place.plan(without(), { prune: true });
    expect(plan.map(inShort)).toEqual(['remove connection okta', 'remove role crm.reader', 'remove role crm.admin']);
    expect(await place.carryOut(plan)).toEqual(['ConnectionRemoved', 'RoleRetired', 'RoleRetired']);
    expect([...(await place.catalog()).liveRoles('acme')]).toEqual(BUILT_IN);
    expect(await place.plan(without(), { prune: true })).toEqual([]);
  });

  it('is disabled with its whole tenant', async () => {
    const nobody: Configuration = { ...whole, tenants: [] };
    const place = await applied(whole);
    expect((await place.plan(nobody)).map(inShort)).toEqual(['disable connection okta']);
    expect((await place.plan(nobody, { prune: true })).map(inShort)).toEqual([
      'remove connection okta',
      'remove role crm.reader',
      'remove role crm.admin',
    ]);
  });

  it('is left alone where the API manages it', async () => {
    const place = await applied(whole);
    const [okta] = (await place.plan(read(['trustEmail: true', 'trustEmail: false']))).filter(
      ({ kind }) => kind === 'connection',
    );
    const detached = {
      ...okta,
      command: { ...okta?.command, data: { ...okta?.command.data, managedBy: 'api', detach: true } },
    };
    await place.carryOut([detached as PlannedChange]);
    expect((await place.plan(without(), { prune: true })).map(inShort)).toEqual([
      'remove role crm.reader',
      'remove role crm.admin',
    ]);
  });

  it('may come back, a role as it was and a connection only under another id', async () => {
    const place = await applied(whole);
    await place.carryOut(await place.plan(without(), { prune: true }));
    await expect(place.plan(whole)).rejects.toMatchObject({ code: 'connection-removed' });
    const renamed = read(['- id: okta', '- id: okta-2']);
    expect((await place.plan(renamed)).map(inShort)).toEqual([
      'create role crm.reader',
      'create role crm.admin',
      'create connection okta-2',
    ]);
  });
});

describe('tenants stay apart: a configuration', () => {
  it('cannot take the id of another tenant’s connection', async () => {
    const place = await applied(whole);
    const [acme] = whole.tenants;
    const moved = {
      ...whole,
      tenants: [
        { ...acme, connections: [] },
        { ...acme, id: 'globex' },
      ],
    } as Configuration;
    await expect(place.plan(moved)).rejects.toMatchObject({ code: 'connection-id-taken', kind: 'conflict' });
  });

  it('gives each tenant the built-in roles', async () => {
    const [acme] = whole.tenants;
    const both = { ...whole, tenants: [acme, { ...acme, id: 'globex', connections: [] }] } as Configuration;
    const catalog = await (await applied(both)).catalog();
    for (const tenant of ['acme', 'globex'])
      expect([...catalog.liveRoles(tenant)]).toEqual(expect.arrayContaining(BUILT_IN));
  });
});

it('the built-in roles are those of the application gatebook', () => {
  expect(builtInRoles().map(({ id }) => id)).toEqual(BUILT_IN);
  expect(builtInRoles().every(({ settings }) => settings.application === 'gatebook')).toBe(true);
});

async function applied(configuration: Configuration) {
  const place = installation();
  await place.carryOut(await place.plan(configuration));
  return place;
}

function inShort({ action, kind, id }: PlannedChange): string {
  return `${action} ${kind} ${id}`;
}
