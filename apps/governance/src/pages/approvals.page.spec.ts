/** The page of approvers as markup. */
import { html } from '#libs/html';
import { approvalsPage, type ElevationShown, lasting } from './approvals.page.js';
import { brokenReferences, formsWithoutToken, itemShown, MARKS, unlabelledFields } from './page.fixture.js';

const { role } = itemShown();
const elevation = (changes: Partial<ElevationShown> = {}): ElevationShown => ({
  id: '33333333-3333-4333-8333-333333333333',
  status: 'requested',
  person: 'Grace Hopper',
  requestedBy: null,
  role,
  reason: 'Fix the <b>import</b>',
  durationMs: 3_600_000,
  breakGlass: false,
  approvals: 0,
  approvalsNeeded: 2,
  validUntil: '2026-03-05T08:00:00.000Z',
  until: null,
  ...changes,
});
const offered = [{ role, maxDurationMs: 4 * 3_600_000, breakGlass: true }];
const approvals = (changes: Partial<Parameters<typeof approvalsPage>[0]> = {}) =>
  approvalsPage({
    waiting: [elevation()],
    own: [
      elevation({ id: '44444444-4444-4444-8444-444444444444', status: 'active', until: '2026-03-02T12:00:00.000Z' }),
    ],
    offered,
    marks: MARKS,
    done: null,
    refused: null,
    sections: [],
    ...changes,
  });

describe('the page of approvals', () => {
  it('names every field, points only at what is there, and carries the token in every form', () => {
    const page = approvals();
    expect(unlabelledFields(page)).toEqual([]);
    expect(brokenReferences(page)).toEqual([]);
    expect(formsWithoutToken(page)).toEqual([]);
  });

  it('says who asks for what, why, for how long, and how many must approve', () => {
    const page = approvals().toString();
    expect(page).toContain('Grace Hopper: CRM administrator');
    expect(page).toContain('Fix the &lt;b&gt;import&lt;/b&gt;');
    expect(page).toContain('1 hour');
    expect(page).toContain('0 of 2');
  });

  it.each([
    ['active', 'value="end"'],
    ['requested', 'value="withdraw"'],
  ] as const)('lets people end what is %s', (status, button) => {
    expect(approvals({ waiting: [], own: [elevation({ status })] }).toString()).toContain(button);
  });

  it.each(['refused', 'ended'] as const)('leaves nothing to do about what is %s', (status) => {
    expect(approvals({ waiting: [], own: [elevation({ status })], offered: [] }).toString()).not.toContain('<form');
  });

  it('offers no longer times than some role allows, and an emergency only where one does', () => {
    expect(approvals().toString()).not.toContain('8 hours');
    expect(approvals().toString()).toContain('name="breakGlass"');
    const [one] = offered;
    expect(approvals({ offered: one ? [{ ...one, breakGlass: false }] : [] }).toString()).not.toContain('breakGlass');
  });

  it('keeps what was entered when it is refused', () => {
    const entered = { answering: null, role: 'crm.admin', minutes: '60', reason: 'because' };
    const page = approvals({ refused: { message: 'Too long.', code: 'elevation-too-long', entered } }).toString();
    expect(page).toContain('<option value="60" selected>');
    expect(page).toContain('>because</textarea>');
    expect(page).toContain('elevation-too-long');
  });

  it('keeps the reason of an answer that is refused, with the request that it answers', () => {
    const entered = { answering: elevation().id, role: '', minutes: '', reason: 'looks fine' };
    const page = approvals({ refused: { message: 'No.', code: 'x', entered } }).toString();
    expect(page).toContain('value="looks fine"');
    expect(page).not.toContain('aria-invalid');
  });

  it('takes further sections', () => {
    expect(approvals({ sections: [html`<h2>Changes</h2>`] }).toString()).toContain('<h2>Changes</h2>');
  });
});

describe('a duration in words', () => {
  it.each([
    [59_000, '1 minute'],
    [90 * 60_000, '1 hour 30 minutes'],
    [24 * 3_600_000, '1 day'],
    [1_000, 'less than a minute'],
  ])('%d ms is %s', (ms, words) => {
    expect(lasting(ms)).toBe(words);
  });
});
