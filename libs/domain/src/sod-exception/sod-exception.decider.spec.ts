import { ada, deciding, type Fact, nothing, olga, records, refuses, seededId } from '#libs/testing';
import { type GrantSodException, isOpenException, sodExceptionDecider } from './sod-exception.decider.js';

/** Exceptions from segregation of duties: one open for each pair of policy and account, for a year at most. */

const exceptions = deciding(sodExceptionDecider);
const NOW = '2026-03-02T08:00:00.000Z';
const UNTIL = '2026-06-30T00:00:00.000Z';
const id = seededId('exception');
const terms: GrantSodException['data'] = {
  exception: id,
  policy: 'maker-checker',
  account: ada.account,
  sets: [['pay.create'], ['pay.approve']],
  owner: olga.profile.userName,
  control: 'every payment is looked at by the controller',
  until: UNTIL,
  by: olga.account,
  reason: 'one person in the office',
};
const grant = (over: Partial<GrantSodException['data']> = {}, at = NOW) => ({
  type: 'GrantSodException' as const,
  data: { ...terms, ...over },
  at,
});
const end = (at: string) => ({
  type: 'EndSodException' as const,
  data: { by: olga.account, reason: 'not needed any more' },
  at,
});
const expire = (at: string) => ({ type: 'ExpireSodException' as const, data: {}, at });
const fact = (event: ReturnType<Fact['event']>): Fact => ({
  category: 'sodException',
  tenant: 'acme',
  id,
  event: () => event,
});
const granted = fact({ type: 'SodExceptionGranted', data: terms });
const ended = fact({
  type: 'SodExceptionEnded',
  data: {
    exception: id,
    policy: terms.policy,
    account: terms.account,
    code: 'by-hand',
    effectiveAt: NOW,
    by: null,
    reason: null,
  },
});

describe('an exception', () => {
  it('is granted with who answers for it, what makes up for it, and its end', () =>
    exceptions.given().when(grant()).then(records('SodExceptionGranted', terms)));

  it('is refused while one is open, and may be granted again when that has ended', () => {
    exceptions.given(granted).when(grant()).then(refuses('sod-exception-exists'));
    exceptions.given(granted, ended).when(grant()).then(records('SodExceptionGranted', terms));
  });

  it('granted after a former one ran out, writes that end down first', () =>
    exceptions
      .given(granted)
      .when(grant({ until: '2026-08-01T00:00:00.000Z' }, UNTIL))
      .then(
        records('SodExceptionEnded', { code: 'time-over', effectiveAt: UNTIL, by: null }),
        records('SodExceptionGranted', { until: '2026-08-01T00:00:00.000Z' }),
      ));

  it.each([
    ['now', NOW],
    ['in the past', '2026-03-01T00:00:00.000Z'],
    ['more than 366 days ahead', '2027-03-03T08:00:00.001Z'],
  ])('must not end %s', (_, until) =>
    exceptions.given().when(grant({ until })).then(refuses('sod-exception-end-invalid')),
  );

  it('may last for 366 days', () =>
    exceptions
      .given()
      .when(grant({ until: '2027-03-03T08:00:00.000Z' }))
      .then(records('SodExceptionGranted')));

  it('ends when somebody says so, with who and why', () =>
    exceptions
      .given(granted)
      .when(end('2026-04-01T00:00:00.000Z'))
      .then(
        records('SodExceptionEnded', {
          code: 'by-hand',
          effectiveAt: '2026-04-01T00:00:00.000Z',
          by: olga.account,
          reason: 'not needed any more',
        }),
      ));

  it.each([
    ['was never granted', []],
    ['has ended', [granted, ended]],
  ])('that %s cannot be ended', (_, history) =>
    exceptions
      .given(...history)
      .when(end('2026-04-01T00:00:00.000Z'))
      .then(refuses('sod-exception-not-found')),
  );

  it('past its time cannot be ended by hand any more', () =>
    exceptions.given(granted).when(end(UNTIL)).then(refuses('sod-exception-not-found')));

  it('is written down as over at the instant at which it was, however late, once, and not before', () => {
    exceptions
      .given(granted)
      .when(expire('2026-07-15T00:00:00.000Z'))
      .then(records('SodExceptionEnded', { code: 'time-over', effectiveAt: UNTIL, by: null, reason: null }));
    exceptions.given(granted).when(expire('2026-06-29T23:59:59.999Z')).then(nothing);
    exceptions.given(granted, ended).when(expire('2026-07-15T00:00:00.000Z')).then(nothing);
    exceptions.given().when(expire('2026-07-15T00:00:00.000Z')).then(nothing);
  });

  it('holds up to its end and not at it, whether or not that is written down', () => {
    const { state } = exceptions.given(granted);
    expect(isOpenException(state, '2026-06-29T23:59:59.999Z')).toBe(true);
    expect(isOpenException(state, UNTIL)).toBe(false);
    expect(isOpenException(exceptions.given(granted, ended).state, NOW)).toBe(false);
  });
});
