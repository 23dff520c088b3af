import { failureOf, NoAnswerError } from './failure.js';

describe('a failed call', () => {
  it.each([
    ['a stream that stands elsewhere', { type: 'wrong-expected-version', code: 9 }, 'conflict'],
    ['a stream that is absent', { type: 'stream-not-found' }, 'absent'],
    ['too much at once', { type: 'maximum-append-size-exceeded' }, 'too-large'],
    ['a wrong password', { type: 'access-denied', code: 7 }, 'denied'],
    ['the bare error of a failed negotiation', { code: 7 }, 'denied'],
    ['a deleted stream', { type: 'stream-deleted' }, 'deleted'],
    ['the bare error while there is no connection', { code: 14 }, 'unavailable'],
    ['an error of a read, which has no code', { type: 'unavailable', code: undefined }, 'unreachable'],
    ['a lost connection of an append', { type: 'unavailable', code: 14 }, 'unavailable'],
    ['another leader', { type: 'not-leader', code: 5 }, 'unavailable'],
    ['silence', new NoAnswerError(5), 'unavailable'],
    ['an error of the server', { type: 'unknown', code: 2 }, 'unclear'],
    ['a cluster that cannot be found', new Error('Failed to discover after 10 attempts.'), 'unclear'],
    ['nothing at all', undefined, 'unclear'],
  ])('%s', (_, error, meaning) => expect(failureOf(error)).toBe(meaning));
});
