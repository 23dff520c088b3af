import type { ElevationPolicy, RoleSettings } from '#libs/contracts';
import type { PolicyInForce } from '../sod/sod-rules.js';
import { approversAmong, offerFor, stillAllows } from './elevation-offer.js';

const HOUR = 3_600_000;
const settings: ElevationPolicy = {
  kind: 'elevation',
  roles: ['prod.admin'],
  maxDuration: 'PT4H',
  approvers: [{ kind: 'roleOwner', principal: null }],
  fallback: [],
  approvals: null,
  breakGlass: false,
  requestValidFor: 'P3D',
};
const roleSettings: RoleSettings = {
  application: 'prod',
  name: 'Production',
  privileged: true,
  risk: 'medium',
  maxDuration: null,
};
const policy = (id: string, over: Partial<ElevationPolicy> = {}, enabled = true): PolicyInForce => ({
  id,
  version: 1,
  enabled,
  settings: { ...settings, ...over },
});
const asked = { durationMs: HOUR, breakGlass: false };
const offer = (policies: readonly PolicyInForce[], role: Partial<RoleSettings> = {}, wanted = asked) =>
  offerFor(policies, { id: 'prod.admin', settings: { ...roleSettings, ...role } }, wanted)?.offer ?? null;

describe('what is offered for a role', () => {
  it('comes from a policy in force that names the role', () => {
    expect(offer([policy('elevate-prod')])).toEqual({
      policy: 'elevate-prod',
      policyVersion: 1,
      maxDurationMs: 4 * HOUR,
      approvalsNeeded: 1,
      breakGlass: false,
      requestValidForMs: 72 * HOUR,
    });
    expect(offer([policy('off', {}, false), policy('other', { roles: ['crm.admin'] })])).toBeNull();
    expect(offer([{ id: 'sod', version: 1, enabled: true, settings: null }])).toBeNull();
  });

  it('lasts no longer than the role allows', () =>
    expect(offer([policy('p')], { maxDuration: 'PT1H' })?.maxDurationMs).toBe(HOUR));

  it.each<[RoleSettings['risk'], number | null, number]>([
    ['low', null, 1],
    ['medium', null, 1],
    ['high', null, 2],
    ['high', 1, 1],
    ['low', 3, 3],
  ])('for a role of %s risk under a policy that says %p needs %i approvals', (risk, approvals, needed) =>
    expect(offer([policy('p', { approvals })], { risk })?.approvalsNeeded).toBe(needed),
  );

  it('is of the first policy by id that allows what is asked for', () => {
    const policies = [policy('b-long', { maxDuration: 'P1D' }), policy('a-short', { maxDuration: 'PT1H' })];
    expect(offer(policies)?.policy).toBe('a-short');
    expect(offer(policies, {}, { ...asked, durationMs: 2 * HOUR })?.policy).toBe('b-long');
    expect(offer(policies, {}, { ...asked, durationMs: 48 * HOUR })?.policy).toBe('a-short');
    const glass = [...policies, policy('c-glass', { breakGlass: true })];
    expect(offer(glass, {}, { ...asked, breakGlass: true })?.policy).toBe('c-glass');
  });
});

describe('who is asked', () => {
  it.each<[string, string[][], string[], number, string[]]>([
    ['the first preference alone, where that is enough', [['owner'], ['manager']], ['ciso'], 1, ['owner']],
    ['as many preferences as approvals are needed', [['owner'], ['manager']], ['ciso'], 2, ['owner', 'manager']],
    ['the next preference where one leads to nobody', [[], ['manager']], ['ciso'], 1, ['manager']],
    [
      'the fallback, all of it, where preferences are too few',
      [['owner']],
      ['ciso', 'cto'],
      2,
      ['owner', 'ciso', 'cto'],
    ],
    ['each person once', [['owner'], ['owner']], ['owner', 'ciso'], 2, ['owner', 'ciso']],
    ['never those who ask or get the role', [['ada'], ['bo']], ['ciso'], 1, ['ciso']],
    ['nobody, where there is nobody', [['ada']], [], 1, []],
  ])('is %s', (_what, preferred, fallback, needed, people) =>
    expect(approversAmong({ preferred, fallback }, { needed, not: ['ada', 'bo', null] })).toEqual(people),
  );
});

describe('a request that waits while policy and role change', () => {
  const waiting = { durationMs: 2 * HOUR, approvalsNeeded: 1, breakGlass: false };
  const today = (over: Partial<ElevationPolicy>, role: Partial<RoleSettings> = {}) => {
    const found = offer([policy('p', over)], role, waiting);
    return found && stillAllows(found, waiting);
  };

  it('may be approved while they allow as much or more', () => {
    expect(today({ maxDuration: 'PT2H' })).toBe(true);
    expect(today({ maxDuration: 'PT8H', approvals: 1 })).toBe(true);
  });

  it('may not once they allow less time, or need more approvals', () => {
    expect(today({ maxDuration: 'PT1H' })).toBe(false);
    expect(today({}, { maxDuration: 'PT1H' })).toBe(false);
    expect(today({ approvals: 2 })).toBe(false);
    expect(today({}, { risk: 'high' })).toBe(false);
  });
});
