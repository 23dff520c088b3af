/** Cookies as they come, also when they come badly. */
import { readCookies } from './cookies.js';

const read = (cookie?: string) => Object.fromEntries(readCookies({ headers: { cookie } }));

describe('the cookies of a request', () => {
  it.each([
    [undefined, {}],
    ['', {}],
    ['a=1; b=2', { a: '1', b: '2' }],
    ['a=1;b=x=y', { a: '1', b: 'x=y' }],
    ['a=1; a=2', { a: '1' }],
    ['novalue; =noname; a=', { a: '' }],
    ['a=%41', { a: '%41' }],
  ])('%j are %j', (header, cookies) => expect(read(header)).toEqual(cookies));

  it('may be named like parts of the language', () =>
    expect(readCookies({ headers: { cookie: '__proto__=1' } }).get('__proto__')).toBe('1'));

  it('are not read without end', () =>
    expect(readCookies({ headers: { cookie: Array.from({ length: 500 }, (_, n) => `c${n}=1`).join(';') } }).size).toBe(
      64,
    ));
});
