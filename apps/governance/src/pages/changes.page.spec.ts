/** The pages of changes that wait for a second person, as markup. */
import { html } from '#libs/html';
import { type ChangeInFull, changePage, changesSection } from './changes.page.js';
import { brokenReferences, formsWithoutToken, MARKS, unlabelledFields } from './page.fixture.js';

const change = (over: Partial<ChangeInFull> = {}): ChangeInFull => ({
  id: '55555555-5555-4555-8555-555555555555',
  kind: 'connection',
  target: 'okta',
  person: 'Grace Hopper',
  isOwn: false,
  validUntil: '2026-03-09T08:00:00.000Z',
  status: 'held',
  reason: 'The <b>sales</b> team',
  approvals: 0,
  approvalsNeeded: 2,
  differences: [{ setting: 'rules[sales].grant', before: null, after: ['<crm>'] }],
  losses: [{ connection: 'okta', losing: 3, of: 12 }],
  warnings: ['Somebody else vouches.'],
  remarks: [],
  confirm: 'abc',
  isAnswerable: true,
  ...over,
});
const page = (over: Partial<ChangeInFull> = {}, entered: string | null = null) =>
  changePage({
    change: change(over),
    marks: MARKS,
    refused: entered === null ? null : { message: 'No.', code: 'own-change', entered },
  });

describe('the page of a change', () => {
  it.each([null, 'because'])(
    'names every field, points only at what is there, and carries the token (%s)',
    (entered) => {
      expect(unlabelledFields(page({}, entered))).toEqual([]);
      expect(brokenReferences(page({}, entered))).toEqual([]);
      expect(formsWithoutToken(page({}, entered))).toEqual([]);
    },
  );

  it('says who asks for what and why, what differs, and what follows', () => {
    const markup = page().toString();
    expect(markup).toContain('Grace Hopper');
    expect(markup).toContain('The &lt;b&gt;sales&lt;/b&gt; team');
    expect(markup).toContain('0 of 2');
    expect(markup).toContain('rules[sales].grant');
    expect(markup).toContain('&lt;crm&gt;');
    expect(markup).toContain('3 of 12 grants of okta would end.');
    expect(markup).toContain('Somebody else vouches.');
    expect(markup).toContain('name="confirm" value="abc"');
  });

  it('lets whoever asked only take it back', () => {
    expect(page({ isOwn: true }).toString()).not.toContain('value="approve"');
    expect(page({ isOwn: true }).toString()).toContain('Take back');
  });

  it('asks nothing once it is answered', () => {
    expect(page({ status: 'applied', isAnswerable: false }).toString()).not.toContain('<form');
  });
});

describe('the section of changes', () => {
  it('leads to each of them', () => {
    const section = changesSection([change(), change({ id: '66666666-6666-4666-8666-666666666666', isOwn: true })]);
    expect(section.toString()).toContain('href="/approvals/changes/55555555-5555-4555-8555-555555555555"');
    expect(section.toString()).toContain('>you<');
    expect(brokenReferences(html`${section}`)).toEqual([]);
  });

  it('says that there are none', () => expect(changesSection([]).toString()).toContain('None.'));
});
