/** The pages of reviewers as markup: everything has a name, every form carries its token, and what people wrote stays text. */
import { html } from '#libs/html';
import { brokenReferences, DETAILS, formsWithoutToken, itemShown, MARKS, unlabelledFields } from './page.fixture.js';
import { reviewItemPage } from './review-item.page.js';
import { reviewsPage } from './reviews.page.js';

const list = (changes: Partial<Parameters<typeof reviewsPage>[0]> = {}) =>
  reviewsPage({ items: [itemShown()], nextHref: null, marks: MARKS, done: null, refused: null, ...changes });
const one = (changes: Partial<Parameters<typeof reviewItemPage>[0]> = {}) =>
  reviewItemPage({ item: itemShown(), details: DETAILS, marks: MARKS, refused: null, ...changes });
const refused = {
  message: 'Say why.',
  code: 'review-reason-required',
  entered: { decision: 'revoke', reason: '<b>', until: '', to: '' },
};

describe.each([
  ['the list', list()],
  [
    'the list with a refusal',
    list({ refused: { ...refused, entered: { decision: 'revoke', reason: '', items: [itemShown().id] } } }),
  ],
  ['an item', one()],
  ['an item with a refusal', one({ refused })],
])('%s', (_name, page) => {
  it('names every field, points only at what is there, and carries the token in every form', () => {
    expect(unlabelledFields(page)).toEqual([]);
    expect(brokenReferences(page)).toEqual([]);
    expect(formsWithoutToken(page)).toEqual([]);
  });

  it('has one main heading and no script', () => {
    expect(page.toString().match(/<h1>/g)).toHaveLength(1);
    expect(page.toString()).not.toContain('<script');
  });
});

describe('the checks themselves', () => {
  it('find a field without a name, a reference to nothing, and a form without its token', () => {
    expect(unlabelledFields(html`<input name="reason"><label for="to">To</label><input id="to" name="to">`)).toEqual([
      'reason',
    ]);
    expect(brokenReferences(html`<p aria-labelledby="gone">x</p>`)).toEqual(['gone']);
    expect(formsWithoutToken(html`<form method="post" action="/x"></form>`)).toHaveLength(1);
  });
});

describe('the list of a reviewer', () => {
  it('says who holds what, in which review, and leads to everything that is known', () => {
    const page = list().toString();
    expect(page).toContain('Privileged grants');
    expect(page).toContain(
      '<a href="/reviews/11111111-1111-4111-8111-111111111111">Grace Hopper: CRM administrator</a>',
    );
    expect(page).toContain('A privileged role was granted');
  });

  it('keeps together what was opened for the same reason', () => {
    const other = itemShown({ id: 'b', review: { ...itemShown().review, id: 'r2', title: 'Quarterly' } });
    const again = itemShown({ id: 'c', review: { ...itemShown().review, id: 'r3' } });
    const page = list({ items: [itemShown(), other, again] }).toString();
    expect(page.match(/<table /g)).toHaveLength(2);
  });

  it('says that nothing waits, without a form to decide nothing', () => {
    const page = list({ items: [] }).toString();
    expect(page).toContain('Nothing waits for you.');
    expect(page).not.toContain('<form');
  });

  it('keeps what was ticked and entered when it is refused', () => {
    const entered = { decision: 'revoke', reason: 'left the team', items: [itemShown().id] };
    const page = list({ refused: { message: 'No.', code: 'x', entered } }).toString();
    expect(page).toContain(`value="${itemShown().id}" aria-label="Grace Hopper: CRM administrator" checked`);
    expect(page).toContain('value="revoke" checked');
    expect(page).toContain('>left the team</textarea>');
  });

  it('tells what was recorded and what was not', () => {
    const done = { decided: 2, refused: [{ what: 'Grace Hopper: CRM', message: 'It is decided already.' }] };
    const page = list({ done }).toString();
    expect(page).toContain('2 decisions were recorded.');
    expect(page).toContain('Grace Hopper: CRM: It is decided already.');
  });
});

describe('the page of an item', () => {
  it('shows what a reviewer needs: person, role, origin, sign-in, use, recommendation', () => {
    const page = one().toString();
    for (const part of ['Grace Hopper, Rear Admiral, Navy', 'crm.admin', 'Rule admins@3 of okta.', 'never', 'unknown'])
      expect(page).toContain(part);
    expect(page).toContain('1 of 9 peers holds it.');
  });

  it('never says unused where nothing reports use', () => {
    expect(one().toString()).not.toMatch(/unused/i);
  });

  it('tells that it is one’s own access', () => {
    expect(one({ item: itemShown({ flags: ['ownGrant'] }) }).toString()).toContain('this is your own access');
  });

  it('asks nothing of somebody who may only look', () => {
    expect(one({ marks: null }).toString()).not.toContain('<form');
  });

  it.each(['revoking', 'closed'] as const)('asks nothing once it is %s', (status) => {
    expect(one({ item: itemShown({ status }) }).toString()).not.toContain('<form');
  });

  it('shows what was entered again as text, with the reason of the refusal', () => {
    const page = one({ refused }).toString();
    expect(page).toContain('&lt;b&gt;</textarea>');
    expect(page).toContain('role="alert"');
    expect(page).toContain('value="revoke" checked');
  });
});
