import { catalogue, type PolicySettings } from '#libs/contracts';
import { installation } from '#libs/testing';
import {
  type Configuration,
  ConfigurationInvalidError,
  knownToPolicies,
  noReferences,
  readConfiguration,
  readReviewTerms,
} from '../index.js';
import { configurationWith, POLICIES } from './policies.fixture.js';
import { policySettingsOf } from './policy-settings-of.js';

const read = (policies: string, tenant = ''): Configuration =>
  readConfiguration(configurationWith(policies, tenant), noReferences);
const item = (policy: string) => `      - ${policy}\n`;
/** The settings of one policy. */
const settings = (policy: string): PolicySettings => {
  const [first] = read(item(policy)).tenants[0]?.policies ?? [];
  if (!first) throw new Error('There is no policy.');
  return policySettingsOf(first);
};
const problems = (policies: string, tenant = ''): string[] => {
  try {
    read(policies, tenant);
    return [];
  } catch (error) {
    return (error as ConfigurationInvalidError).problems.map(({ path, problem }) =>
      `${path}: ${problem}`.replace('tenants[0].', ''),
    );
  }
};
const NONE = '      []\n';
const REVIEW = '{ id: r, kind: review, schedule: "0 6 1 * *", reviewers: [manager] }';
const reviewWith = (over: string) => REVIEW.replace(' }', `, ${over} }`);

describe('policies in their short forms', () => {
  const configuration = read(POLICIES);
  const known = new Map(configuration.tenants[0]?.policies.map((policy) => [policy.id, policySettingsOf(policy)]));

  it('become settings with every default filled in', () => {
    expect(known.get('privileged-grants')).toEqual({
      kind: 'review',
      triggers: ['privilegedRoleGranted', 'roleGrantedByChangedRule', 'managerChanged'],
      schedule: null,
      timeZone: null,
      scope: { roles: [], applications: [], people: [], connections: [], privileged: false, orphans: false },
      stages: [
        {
          reviewers: [
            { kind: 'roleOwner', principal: null },
            { kind: 'manager', principal: null },
          ],
          fallback: ['ciso@acme.example'],
        },
      ],
      due: 'P7D',
      reminders: ['P2D'],
      escalation: { before: 'P1D', to: ['ciso@acme.example'] },
      noResponse: 'keep',
      maxRevocations: { percent: 5, atLeast: 10 },
      carryForward: null,
      control: null,
      selfReview: false,
      reasons: ['revoke'],
      signOff: null,
    });
    expect(known.get('quarterly-crm')).toMatchObject({
      schedule: '0 6 1 */3 *',
      scope: { applications: ['crm'] },
      control: 'SOC 2 CC6.2',
    });
    expect(known.get('maker-checker')).toEqual({
      kind: 'sod',
      roles: [['pay.create'], ['pay.approve']],
      mode: 'preventive',
      owner: null,
    });
    expect(known.get('elevate-prod')).toEqual({
      kind: 'elevation',
      roles: ['prod.admin'],
      maxDuration: 'PT4H',
      approvers: [{ kind: 'roleOwner', principal: null }],
      fallback: [],
      approvals: 1,
      breakGlass: false,
      requestValidFor: 'P3D',
    });
    expect(known.get('dormant-90')).toEqual({
      kind: 'dormant',
      after: 'P90D',
      action: 'review',
      maxPerRun: 100,
      owner: null,
    });
    expect(known.get('jit-mfa')).toEqual({
      kind: 'conformance',
      event: 'UserProvisioned',
      require: [{ authenticationContext: 'mfa' }, { attribute: 'manager', present: true }],
      action: 'finding',
      maxPerRun: 100,
      owner: null,
    });
  });

  it('are facts that the catalogue of events accepts', () => {
    for (const [policy, wanted] of known) {
      const data = { policy, settings: wanted, enabled: true, managedBy: 'config', reason: null };
      expect([policy, catalogue.problems('PolicyDefined', data)]).toEqual([policy, []]);
    }
  });

  it('say the same when they are written out', () => {
    const written = [...known].map(([id, wanted]) => JSON.stringify({ id, ...wanted }));
    const again = read(written.map(item).join(''));
    expect(again.tenants[0]?.policies.map(policySettingsOf)).toEqual([...known.values()]);
    expect(readConfiguration(JSON.stringify(configuration), noReferences)).toEqual(configuration);
  });

  it('take any other word for a person', () =>
    expect(settings(REVIEW.replace('[manager]', '[applicationOwner, olga@acme.example]'))).toMatchObject({
      stages: [
        {
          reviewers: [
            { kind: 'applicationOwner', principal: null },
            { kind: 'named', principal: 'olga@acme.example' },
          ],
        },
      ],
    }));

  it('may name one role without a list', () => {
    expect(settings(reviewWith('scope: { role: crm.reader }'))).toMatchObject({ scope: { roles: ['crm.reader'] } });
    expect(settings('{ id: s, kind: sod, roles: [pay.create, pay.approve] }')).toMatchObject({
      roles: [['pay.create'], ['pay.approve']],
      mode: 'detective',
    });
  });

  it('may have several stages', () => {
    const stages = '[{ reviewers: [manager], fallback: [a@x] }, { reviewers: [roleOwner], fallback: [b@x] }]';
    const staged = `{ id: r, kind: review, schedule: "0 6 1 * *", stages: ${stages}, due: P14D }`;
    expect(settings(staged)).toMatchObject({
      stages: [{ fallback: ['a@x'] }, { fallback: ['b@x'] }],
      reminders: ['P2D'],
      escalation: { before: 'P1D', to: ['a@x', 'b@x'] },
    });
  });

  it('wait for unknown groups no longer than DESIGN says, and for nothing else', () => {
    expect(settings('{ id: w, kind: unknownGroups }')).toMatchObject({ after: 'P14D' });
    expect(settings('{ id: w, kind: orphan }')).toMatchObject({ after: null });
  });
});

describe('who is reminded and asked as well', () => {
  it.each([
    ['a long review is reminded of two days before', 'due: P30D', ['P2D'], null],
    ['a short one is not', 'due: P4D', [], null],
    ['unless silence revokes: then halfway', 'due: P2D, noResponse: revoke', ['PT86400S'], null],
    ['the fallback is asked in the last quarter of a short one', 'due: PT8H, fallback: [a@x]', [], 'PT7200S'],
    ['and a day before the end of a longer one', 'due: P3D, fallback: [a@x]', [], 'P1D'],
    ['but not where silence decides', 'due: P30D, fallback: [a@x], noResponse: recommendation', ['P2D'], null],
    ['and not where nobody is wanted', 'due: P30D, fallback: [a@x], escalation: null', ['P2D'], null],
  ])('%s', (_what, over, reminders, before) =>
    expect(settings(reviewWith(over))).toMatchObject({
      reminders,
      escalation: before && { before, to: ['a@x'] },
    }),
  );
});

describe('policies that are wrong', () => {
  const ELEVATION = '{ id: e, kind: elevation, roles: [prod.admin], maxDuration: PT4H, approvers: [roleOwner] }';
  it.each([
    ['two of one id', `${item(REVIEW)}${item(REVIEW)}`, 'policies[1].id: r is there twice'],
    [
      'an unknown kind',
      item('{ id: r, kind: audit }'),
      /policies\[0\]\.kind: must be one of review, sod, elevation, dorm/,
    ],
    ['no kind', item('{ id: r }'), /policies\[0\]\.kind: must be one of/],
    ['an unknown key', item(reviewWith('reviewer: manager')), 'policies[0].reviewer: is not a known key'],
    ['a key of another kind', item(ELEVATION.replace(' }', ', mode: preventive }')), /mode: is not a known key/],
    [
      'an unknown trigger',
      item('{ id: r, kind: review, triggers: [rain], reviewers: [manager] }'),
      /must be one of privi/,
    ],
    [
      'neither trigger nor schedule',
      item('{ id: r, kind: review, reviewers: [manager] }'),
      'policies[0]: needs triggers or a schedule: nothing would open it',
    ],
    [
      'nobody who reviews',
      item('{ id: r, kind: review, schedule: "0 6 1 * *" }'),
      'policies[0]: needs reviewers, or stages',
    ],
    [
      'reviewers beside stages',
      item(reviewWith('stages: [{ reviewers: [manager] }]')),
      'policies[0].reviewers: has no place beside stages, which say them',
    ],
    ['an unknown role', item(reviewWith('scope: { roles: [crm.gone] }')), /scope.roles\[0\]: crm.gone is not a role/],
    ['an unknown single role', item(reviewWith('scope: { role: crm.gone }')), /scope.role: crm.gone is not a role/],
    ['an unknown application', item(reviewWith('scope: { application: erp }')), /erp is not an application of/],
    ['an unknown connection', item(reviewWith('scope: { connections: [entra] }')), /entra is not a connection of/],
    [
      'no cron',
      item(REVIEW.replace('0 6 1 * *', '0 6 first * *')),
      /schedule: this is no schedule that cron could read/,
    ],
    ['seconds in cron', item(REVIEW.replace('0 6 1 * *', '0 0 6 1 * *')), /schedule: a schedule has five fields/],
    ['the time at which it is read', item(REVIEW.replace('0 6 1 * *', '? 6 1 * *')), /schedule: a schedule has five/],
    ['a nickname for cron', item(REVIEW.replace('0 6 1 * *', '@daily')), /schedule: a schedule has five fields/],
    ['too often', item(REVIEW.replace('0 6 1 * *', '0,30 6 1 1 *')), /must not come oftener than once an hour/],
    ['a day that never comes', item(REVIEW.replace('0 6 1 * *', '0 6 30 2 *')), /schedule: this schedule never comes/],
    ['a bad time zone', item(reviewWith('timeZone: Middle/Earth')), /timeZone: must be a time zone/],
    [
      'a time zone of no schedule',
      item('{ id: r, kind: review, triggers: [dormant], reviewers: [manager], timeZone: UTC }'),
      /timeZone: has no place without a schedule/,
    ],
    [
      'self without being let',
      item(REVIEW.replace('[manager]', '[manager, self]')),
      /reviewers\[1\]: self needs selfReview/,
    ],
    ['a name without a name', item(REVIEW.replace('[manager]', '[{ kind: named }]')), /named needs principal/],
    [
      'a part with a name',
      item(REVIEW.replace('[manager]', '[{ kind: manager, principal: a@x }]')),
      /has no place with/,
    ],
    [
      'a reminder before the beginning',
      item(reviewWith('due: P7D, reminders: [P7D]')),
      /reminders\[0\]: must be shorter/,
    ],
    [
      'silence that revokes without a reminder',
      item(reviewWith('noResponse: revoke, reminders: []')),
      /reminders: must not be empty where noResponse is revoke/,
    ],
    [
      'evidence that is carried forward',
      item(reviewWith('control: CC6.2, carryForward: { validFor: P90D }')),
      /carryForward: has no place beside control/,
    ],
    ['a review without end', item(reviewWith('due: P999999D')), 'policies[0].due: must be at most P366D'],
    [
      'a role in two sets',
      item('{ id: s, kind: sod, roles: [[pay.create], [pay.approve, pay.create]] }'),
      /roles\[1\]\[1\]: pay.create is there twice/,
    ],
    ['one set alone', item('{ id: s, kind: sod, roles: [[pay.create]] }'), /roles: must have at least 2 entries/],
    [
      'an unknown role in a set',
      item('{ id: s, kind: sod, roles: [pay.create, pay.gone] }'),
      /roles\[1\]: pay.gone is not a role/,
    ],
    [
      'longer than the role may be held',
      item(ELEVATION.replace('PT4H', 'PT9H')),
      /maxDuration: must be at most PT8H, the maxDuration of prod.admin/,
    ],
    [
      'an approval of oneself',
      item(ELEVATION.replace('[roleOwner]', '[self]')),
      /approvers\[0\]: self has no place here/,
    ],
    [
      'dormant without a time',
      item('{ id: w, kind: dormant }'),
      /after: is missing: without a time everything is dormant/,
    ],
    ['unused without a time', item('{ id: w, kind: unused }'), /after: is missing/],
    [
      'a condition on no event',
      item('{ id: c, kind: conformance, event: UserFrozen, require: [{ authenticationContext: mfa }] }'),
      /event: UserFrozen is not a type of event/,
    ],
    [
      'a condition on another event',
      item('{ id: c, kind: conformance, event: RoleDefined, require: [{ authenticationContext: mfa }] }'),
      /event: RoleDefined is not a type of event/,
    ],
    [
      'a condition of no form',
      item('{ id: c, kind: conformance, event: SignedIn, require: [{ mfa: true }] }'),
      /require\[0\]: must be one of \{ authenticationContext \}/,
    ],
  ])('are refused for %s', (_what, policies, problem) =>
    expect(problems(policies)).toEqual([typeof problem === 'string' ? problem : expect.stringMatching(problem)]),
  );

  it('are told with the line on which they stand', () => {
    const text = configurationWith(item(REVIEW) + item('{ id: s, kind: sod, roles: [pay.create, pay.gone] }'));
    const line = text.split('\n').findIndex((each) => each.includes('pay.gone')) + 1;
    expect(() => readConfiguration(text, noReferences)).toThrow(`line ${line}: tenants[0].policies[1].roles[1]`);
  });

  it('are let through at the limits', () => {
    expect(problems(item(REVIEW.replace('0 6 1 * *', '59 * * * *')))).toEqual([]);
    expect(problems(item(REVIEW.replace('0 6 1 * *', '0 6 29 2 *')))).toEqual([]);
    expect(problems(item(ELEVATION.replace('PT4H', 'PT8H')))).toEqual([]);
    expect(problems(item(reviewWith('scope: { application: gatebook, roles: [gatebook.admin] }')))).toEqual([]);
    expect(problems(item(reviewWith('scope: { application: wiki }')))).toEqual([]);
  });
});

describe('the terms of a review that somebody opens', () => {
  const known = async () => {
    const place = installation();
    await place.carryOut(await place.plan(read(NONE)));
    return knownToPolicies(await place.catalog(), 'acme');
  };

  it('are those of a policy without what opens it', async () => {
    const written = { reviewers: ['manager'], scope: { application: 'pay' }, due: 'P7D' };
    const scheduled = settings(reviewWith('due: P7D, scope: { application: pay }'));
    expect(readReviewTerms(written, await known())).toEqual({ ...scheduled, schedule: null });
  });

  it.each([
    [{ scope: {} }, /needs reviewers, or stages/],
    [{ reviewers: ['manager'], schedule: '0 6 1 * *' }, /schedule: is not a known key/],
    [{ reviewers: ['manager'], scope: { role: 'crm.gone' } }, /crm.gone is not a role of this tenant/],
    [{ reviewers: ['manager'], signOff: 'env:SECRET' }, /file: and env: can be used/],
  ])('are refused as %j', async (written, problem) => {
    const view = await known();
    expect(() => readReviewTerms(written, view)).toThrow(problem);
  });
});
