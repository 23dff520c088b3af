/** Random valid configurations, written as YAML, read, applied through the real deciders and planned again. */
import fc from 'fast-check';
import { stringify } from 'yaml';
import { installation } from '#libs/testing';
import { configurationHash, noReferences, readConfiguration } from './index.js';

const RUNS = { numRuns: 15 };
const id = (prefix: string) => fc.stringMatching(/^[a-z0-9._-]{0,8}$/).map((rest) => `${prefix}${rest}`);
const text = fc
  .oneof(
    fc.constantFrom(
      'yes',
      'null',
      '0',
      '1e3',
      '# no comment',
      'a: b',
      '- x',
      '*a',
      '&b',
      '!c',
      '{',
      "'",
      '"',
      'ü — ☃',
      'two\nlines',
      ' led',
      '2026-01-01',
    ),
    fc.string({ minLength: 1, maxLength: 20 }),
  )
  .filter((value) => !/^(file|env):/.test(value));
const duration = fc.constantFrom('PT1S', 'PT15M', 'PT1H', 'P1D', 'P4W', 'P1DT12H');
const domains = fc.subarray(['acme.example', 'a-b.example', 'xn--bcher-kva.example']);
const omitted = { requiredKeys: [] as [] };

const role = fc.record(
  {
    id: id('role.'),
    application: id('a'),
    name: text,
    privileged: fc.boolean(),
    risk: fc.constantFrom('low', 'medium', 'high'),
    maxDuration: fc.option(duration),
    owner: fc.option(text),
  },
  { requiredKeys: ['id', 'application', 'name'] },
);
const saml = fc.record(
  {
    idpEntityId: text,
    ssoUrl: fc.webUrl({ withQueryParameters: true }),
    certificates: fc.array(text, { minLength: 1, maxLength: 3 }),
    spEntityId: fc.option(text),
    allowIdpInitiated: fc.boolean(),
    requireSigned: fc.constantFrom('either', 'assertion', 'response', 'both'),
    clockSkew: fc.constantFrom('PT1S', 'PT60S', 'PT10M'),
  },
  { requiredKeys: ['idpEntityId', 'ssoUrl', 'certificates'] },
);
const connectionOf = (roles: readonly string[]) =>
  fc.record(
    {
      id: id('c'),
      protocol: fc.constant('saml'),
      directory: fc.constant('staff'),
      enabled: fc.boolean(),
      domains,
      jit: fc.record(
        {
          create: fc.boolean(),
          update: fc.constantFrom('never', 'fillEmpty', 'everySignIn'),
          required: fc.subarray(['email', 'badge']),
          allowedDomains: domains,
        },
        omitted,
      ),
      linking: fc.constantFrom('none', 'externalId', 'verifiedEmail', 'userName'),
      subject: fc.oneof(
        fc.constant('nameId'),
        fc.record({ attribute: text, caseInsensitive: fc.boolean() }, { requiredKeys: ['attribute'] }),
      ),
      trustEmail: fc.boolean(),
      saml,
      attributes: fc
        .dictionary(fc.constantFrom('email', 'badge', 'constructor'), text, { noNullPrototype: true })
        .map((all) => ({ ...all, userName: 'nameId' })),
      groups: fc.record(
        {
          attribute: text,
          whenMissing: fc.constantFrom('unknown', 'none'),
          names: fc.dictionary(fc.constantFrom('8f3c', 'null', '1'), text, { noNullPrototype: true }),
        },
        omitted,
      ),
      rules: fc.uniqueArray(
        fc.record({
          id: id('r'),
          when: fc.oneof(fc.constant('always'), fc.record({ group: text })),
          grant: fc.subarray([...roles, 'gatebook.admin'], { minLength: 1 }),
        }),
        { selector: (rule) => rule.id, maxLength: 3 },
      ),
    },
    { requiredKeys: ['id', 'protocol', 'directory', 'saml'] },
  );
const reviewers = fc.uniqueArray(fc.oneof(fc.constantFrom('manager', 'roleOwner', 'self'), text), {
  minLength: 1,
  maxLength: 3,
});
// a policy keeps its kind: the ids of different kinds never meet
const policy = fc.oneof(
  fc.record(
    {
      id: id('review.'),
      kind: fc.constant('review'),
      enabled: fc.boolean(),
      triggers: fc.subarray(['dormant', 'managerChanged', 'newConnectionGrant'], { minLength: 1 }),
      scope: fc.record({ role: fc.constant('gatebook.admin'), privileged: fc.boolean() }, omitted),
      reviewers,
      fallback: fc.array(text, { maxLength: 2 }),
      due: fc.constantFrom('PT1H', 'P3D', 'P30D'),
      noResponse: fc.constantFrom('keep', 'revoke', 'recommendation'),
      escalation: fc.constant(null),
      selfReview: fc.constant(true),
      signOff: fc.option(text),
    },
    { requiredKeys: ['id', 'kind', 'triggers', 'reviewers', 'selfReview'] },
  ),
  fc.record(
    {
      id: id('sod.'),
      kind: fc.constant('sod'),
      roles: fc.constantFrom(['gatebook.admin', 'gatebook.auditor'], [['gatebook.admin'], 'gatebook.owner']),
      mode: fc.constantFrom('detective', 'preventive'),
    },
    { requiredKeys: ['id', 'kind', 'roles'] },
  ),
  fc.record(
    { id: id('watch.'), kind: fc.constant('unknownGroups'), after: fc.option(duration), owner: fc.option(text) },
    { requiredKeys: ['id', 'kind'] },
  ),
);
const tenant = fc.uniqueArray(role, { selector: (one) => one.id, maxLength: 3 }).chain((roles) =>
  fc.record(
    {
      id: fc.constantFrom('acme', 'globex', 'initech'),
      timeZone: fc.constantFrom('UTC', 'Europe/Berlin', 'Asia/Kolkata'),
      session: fc.record({ idle: duration, max: duration }, omitted),
      guard: fc.record({ maxLossPercent: fc.integer({ min: 0, max: 100 }) }, omitted),
      retention: fc.record({ refusals: duration }, omitted),
      reactivation: fc.record({ restoreWithin: duration }, omitted),
      directories: fc.constant([{ id: 'staff', authority: { email: ['manual'] } }, { id: 'partners' }]),
      roles: fc.constant(roles),
      connections: fc.uniqueArray(connectionOf(roles.map((one) => one.id)), {
        selector: (one) => one.id,
        maxLength: 2,
      }),
      policies: fc.uniqueArray(policy, { selector: (one) => one.id, maxLength: 3 }),
    },
    { requiredKeys: ['id', 'directories', 'roles', 'connections'] },
  ),
);
const configuration = fc.uniqueArray(tenant, { selector: (one) => one.id, maxLength: 2 }).map((tenants) => {
  // ids of connections are unique in the installation
  const named = tenants.map((one) => ({
    ...one,
    connections: one.connections.map((each) => ({ ...each, id: `${one.id}-${each.id}` })),
  }));
  return stringify({ apiVersion: 'gatebook/v1', tenants: named });
});

describe('any valid configuration', () => {
  it('applied twice changes nothing the second time', () =>
    fc.assert(
      fc.asyncProperty(configuration, async (yaml) => {
        const place = installation();
        const wanted = readConfiguration(yaml, noReferences);
        await place.carryOut(await place.plan(wanted, { prune: true }));
        expect(await place.plan(readConfiguration(yaml, noReferences), { prune: true })).toEqual([]);
      }),
      RUNS,
    ));

  it('means the same when it is written out with every default and read again', () =>
    fc.assert(
      fc.property(configuration, (yaml) => {
        const once = readConfiguration(yaml, noReferences);
        const again = readConfiguration(stringify(once), noReferences);
        expect(again).toEqual(once);
        expect(configurationHash(again)).toBe(configurationHash(once));
      }),
      RUNS,
    ));

  it('followed by any other leads where the other alone would have led, as far as sign-ins can see', () =>
    fc.assert(
      fc.asyncProperty(configuration, configuration, async (first, second) => {
        const place = installation();
        const wanted = readConfiguration(second, noReferences);
        await place.carryOut(await place.plan(readConfiguration(first, noReferences)));
        await place.carryOut(await place.plan(wanted));
        const enabled = wanted.tenants.flatMap(({ connections }) =>
          connections.filter((each) => each.enabled).map((each) => each.id),
        );
        const open = (await place.catalog()).connections().filter((each) => each.enabled);
        expect(open.map((each) => each.id).sort()).toEqual(enabled.sort());
      }),
      RUNS,
    ));
});
