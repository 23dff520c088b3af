/** A plan reads line by line: what comes, what changes, what goes, what it costs, what to confirm. */
import type { ChangeSummary } from '#libs/configuration';
import { planText } from './plan-text.js';

const change = (over: Partial<ChangeSummary>): ChangeSummary => ({
  action: 'change',
  kind: 'role',
  tenant: 'acme',
  id: 'crm.admin',
  changed: [],
  ...over,
});

describe('the text of a plan', () => {
  it('has a line for each change', () => {
    const changes = [
      change({ action: 'create', kind: 'connection', id: 'okta' }),
      change({ changed: ['privileged', 'risk'] }),
      change({ action: 'disable', kind: 'connection', id: 'entra', changed: ['enabled'] }),
      change({ action: 'remove', id: 'crm.old' }),
    ];
    expect(planText({ changes, losses: [], warnings: [], remarks: [], confirm: null }).split('\n')).toEqual([
      '+ connection okta',
      '~ role crm.admin: privileged, risk',
      '~ connection entra: disabled',
      '- role crm.old',
    ]);
  });

  it('names the tenant where there are several', () => {
    const changes = [change({}), change({ tenant: 'globex', action: 'create' })];
    expect(planText({ changes, losses: [], warnings: [], remarks: [], confirm: null })).toContain(
      '+ role crm.admin (globex)',
    );
  });

  it('says what would end and what to confirm', () => {
    const loss = { tenant: 'acme', connection: 'okta', losing: 1, of: 8, limitPercent: 10 };
    const byHand = { ...loss, connection: null, of: 1 };
    expect(
      planText({ changes: [change({})], losses: [loss, byHand], warnings: [], remarks: [], confirm: 'abc' })
        .split('\n')
        .slice(1),
    ).toEqual([
      '! ends 1 of 8 grants of connection okta (12.5 %, limit 10 %)',
      '! ends 1 grants by hand of retired roles',
      'Confirm with --confirm abc',
    ]);
  });

  it('warns and remarks before it asks for the confirmation', () => {
    const text = planText({
      changes: [change({})],
      losses: [],
      warnings: ['people become new accounts'],
      remarks: ['nobody is told by mail'],
      confirm: 'abc',
    });
    expect(text.split('\n').slice(1)).toEqual([
      '! people become new accounts',
      'i nobody is told by mail',
      'Confirm with --confirm abc',
    ]);
  });

  it('says so when there is nothing to do', () =>
    expect(planText({ changes: [], losses: [], warnings: [], remarks: [], confirm: null })).toBe('No changes.'));
});
