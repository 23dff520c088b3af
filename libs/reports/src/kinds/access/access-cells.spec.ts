import { giverOf } from './access-cells.js';

type Given = Parameters<typeof giverOf>[0];

const given = (connection: string | null, givenBy: string | null): Given =>
  ({ grant: { connection }, origin: givenBy === null ? undefined : { givenBy } }) as Given;

describe('who gave a grant', () => {
  it('is the connection where a rule gave it, and not the person whose sign-in set it going', () =>
    expect(giverOf(given('okta', 'account:ada'))).toBe('connection:okta'));

  it('is whoever gave it by hand', () => expect(giverOf(given(null, 'account:olga'))).toBe('account:olga'));

  it('is unknown where nothing says so', () => expect(giverOf(given(null, null))).toBeNull());
});
