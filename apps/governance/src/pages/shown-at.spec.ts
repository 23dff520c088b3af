/** The time that somebody spent on a decision is told only by a mark that we wrote, for this page and this session. */
import { ephemeralKeyring } from '#libs/vault';
import { shownAt, spentMs, spentSinceMs } from './shown-at.js';

const keyring = ephemeralKeyring();
const SHOWN = new Date('2026-03-02T08:00:00.000Z');
const later = (ms: number) => new Date(SHOWN.getTime() + ms);
const showing = { session: 'a-session', what: 'an-item' };
const mark = shownAt(keyring, showing, SHOWN);

describe('the mark of a page', () => {
  it('tells how long the page was looked at', () => {
    expect(spentMs(keyring, showing, mark, later(42_000))).toBe(42_000);
  });

  it.each([
    ['another session', { ...showing, session: 'another' }],
    ['another item', { ...showing, what: 'another' }],
  ])('tells nothing to %s', (_name, other) => {
    expect(spentMs(keyring, other, mark, later(42_000))).toBeNull();
  });

  it('cannot be moved to another time', () => {
    const [, seal] = mark.split('.');
    expect(spentMs(keyring, showing, `${SHOWN.getTime() - 1000}.${seal}`, later(0))).toBeNull();
  });

  it.each([undefined, '', 'x', '1.2', 42])('is none of ours: %p', (forged) => {
    expect(spentMs(keyring, showing, forged, later(0))).toBeNull();
  });

  it('tells nothing after a night on the screen, nor of the future', () => {
    expect(spentMs(keyring, showing, mark, later(9 * 3_600_000))).toBeNull();
    expect(spentMs(keyring, showing, mark, later(-1))).toBeNull();
  });
});

describe('an instant that a caller states', () => {
  it('counts unless it lies ahead', () => {
    expect(spentSinceMs(SHOWN.toISOString(), later(5_000))).toBe(5_000);
    expect(spentSinceMs(SHOWN.toISOString(), later(-1))).toBeNull();
    expect(spentSinceMs(undefined, later(0))).toBeNull();
  });
});
