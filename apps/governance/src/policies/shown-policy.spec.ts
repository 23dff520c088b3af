import type { InTenant } from '#libs/catalog';
import { policySettings } from '#libs/contracts';
import type { PolicyState } from '#libs/domain';
import type { Caller } from '#libs/platform';
import { namesWithheld, shownPolicy } from './shown-policy.js';

const settings = policySettings.parse({
  kind: 'review',
  triggers: ['dormant'],
  schedule: null,
  timeZone: null,
  scope: { roles: [], applications: [], people: ['ada'], connections: [], privileged: false, orphans: false },
  stages: [
    {
      reviewers: [
        { kind: 'manager', principal: null },
        { kind: 'named', principal: 'olga' },
      ],
      fallback: ['ciso'],
    },
  ],
  due: 'P7D',
  reminders: [],
  escalation: { before: 'P1D', to: ['ciso'] },
  noResponse: 'keep',
  maxRevocations: { percent: 5, atLeast: 10 },
  carryForward: null,
  control: null,
  selfReview: false,
  reasons: ['revoke'],
  signOff: 'olga',
});
const state: InTenant<PolicyState> = {
  id: 'r',
  tenant: 'acme',
  status: 'present',
  version: 1,
  enabled: true,
  settings,
  managedBy: 'api',
  scheduledSince: '2026-03-02T08:00:00.000Z',
  since: '2026-03-02T08:00:00.000Z',
};
const caller = (...scopes: string[]) => ({ scopes: new Set(scopes) }) as unknown as Caller;

describe('a policy as it is shown', () => {
  it('names people only to those who may read personal data', () => {
    expect(shownPolicy(state, caller('audit:read', 'personal:read')).settings).toEqual(settings);
    const shown = shownPolicy(state, caller('audit:read')).settings;
    expect(JSON.stringify(shown)).not.toMatch(/ada|olga|ciso/);
    expect(shown).toMatchObject({
      scope: { people: ['[withheld]'] },
      stages: [
        {
          reviewers: [
            { kind: 'manager', principal: null },
            { kind: 'named', principal: '[withheld]' },
          ],
          fallback: ['[withheld]'],
        },
      ],
      escalation: { before: 'P1D', to: ['[withheld]'] },
      signOff: '[withheld]',
    });
  });

  it('tells what a condition compares with only to those who may read personal data', () => {
    const require = [{ field: 'claims', equals: 'ada@acme.example' }];
    const conformance = {
      kind: 'conformance',
      event: 'SignedIn',
      require,
      action: 'finding',
      maxPerRun: 1,
      owner: null,
    };
    const compared = { ...state, settings: conformance as unknown as typeof settings };
    expect(shownPolicy(compared, caller('personal:read')).settings).toMatchObject({ require });
    const shown = shownPolicy(compared, caller('audit:read')).settings as typeof settings;
    expect(shown).toMatchObject({ require: [{ field: 'claims', equals: '[withheld]' }] });
    expect(namesWithheld(shown)).toBe(true);
  });

  it('is known again when it comes back with people withheld', () => {
    const shown = shownPolicy(state, caller('audit:read')).settings as typeof settings;
    expect([namesWithheld(settings), namesWithheld(shown)]).toEqual([false, true]);
  });

  it('shows nothing of what never was', () =>
    expect(() => shownPolicy({ ...state, settings: null }, caller())).toThrow('policy'));
});
