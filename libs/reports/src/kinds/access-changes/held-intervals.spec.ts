import { heldIntervals } from './held-intervals.js';

const at = (minute: number) => new Date(minute * 60_000);
const grant = (from: number, until: number | null) => ({ from: at(from), until: until === null ? null : at(until) });

/** An account that was made, suspended, made active, … at these minutes. */
const account = (minutes: readonly number[], expires: number | null = null) =>
  minutes.map((minute, index) => ({
    account: 'ada',
    status: index % 2 === 0 ? 'active' : 'deactivated',
    expiresAt: expires === null ? null : at(expires),
    since: at(minute),
    position: index,
  }));

const minutesOf = (...parts: Parameters<typeof heldIntervals>) =>
  heldIntervals(...parts).map(({ from, until }) => [
    `${from.at / 60_000} ${from.cause}`,
    until && `${until.at / 60_000} ${until.cause}`,
  ]);

describe('a grant counts', () => {
  it('from its beginning on', () => expect(minutesOf(grant(2, null), account([1]))).toEqual([['2 grant', null]]));

  it('up to its end', () => expect(minutesOf(grant(2, 5), account([1]))).toEqual([['2 grant', '5 grant']]));

  it('not while its account is suspended', () =>
    expect(minutesOf(grant(2, 9), account([1, 4, 6]))).toEqual([
      ['2 grant', '4 account'],
      ['6 account', '9 grant'],
    ]));

  it('not after its account has expired, though that is still active', () =>
    expect(minutesOf(grant(2, 9), account([1], 5))).toEqual([['2 grant', '5 accountExpired']]));

  it('not again when its account is made active after it has expired', () =>
    expect(minutesOf(grant(2, 9), account([1, 3, 6], 5))).toEqual([['2 grant', '3 account']]));

  it('not before there is an account', () =>
    expect(minutesOf(grant(2, 9), account([4]))).toEqual([['4 account', '9 grant']]));

  it('never, if it ends when it begins', () => expect(minutesOf(grant(2, 2), account([1]))).toEqual([]));

  it('never, if it begins and ends while its account is suspended', () =>
    expect(minutesOf(grant(4, 5), account([1, 3, 6]))).toEqual([]));

  it('because of itself, where its account changes at the same instant', () =>
    expect(minutesOf(grant(3, 6), account([1, 2, 3, 6]))).toEqual([['3 grant', '6 grant']]));
});
