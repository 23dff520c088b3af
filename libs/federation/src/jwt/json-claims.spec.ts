/** How JSON becomes claims: what counts as a value, what as nothing, what as unknown. */
import { CLAIM_DEPTH_MAX, claimsOfJson } from './json-claims.js';

const read = (json: string) => Object.fromEntries(claimsOfJson(JSON.parse(json)));

describe('JSON as claims', () => {
  it('has texts trimmed, numbers and booleans as texts, lists in their order', () => {
    expect(read('{"a":" x\\n","b":7,"c":true,"d":["z","y",1,false],"e":-1.5}')).toEqual({
      a: ['x'],
      b: ['7'],
      c: ['true'],
      d: ['z', 'y', '1', 'false'],
      e: ['-1.5'],
    });
  });

  it('has nested members under names with dots', () => {
    const json = '{"realm_access":{"roles":["a"]},"resource_access":{"crm":{"roles":["b"]}},"address":{}}';
    expect(read(json)).toEqual({ 'realm_access.roles': ['a'], 'resource_access.crm.roles': ['b'] });
  });

  it('tells none from not sent: an empty list or text is none, null is not sent', () => {
    expect(read('{"groups":[],"department":"","manager":null,"roles":[null,"a",""]}')).toEqual({
      groups: [],
      department: [],
      roles: ['a'],
    });
  });

  it('leaves out what it cannot compare, as if it had not been sent', () => {
    expect(read('{"groups":[{"id":1}],"mixed":["a",["b"]],"id":12345678901234567890,"ok":9007199254740991}')).toEqual({
      ok: ['9007199254740991'],
    });
  });

  it('leaves out what concerns the token only', () => {
    expect(read('{"sub":"a","iss":"i","exp":1,"nonce":"n","_claim_names":{"groups":"s"}}')).toEqual({
      sub: ['a'],
      iss: ['i'],
    });
  });

  it('refuses two claims with one name', () => {
    expect(() => read('{"a.b":"x","a":{"b":"y"}}')).toThrow(expect.objectContaining({ code: 'malformed-claim' }));
  });

  it(`refuses what is nested deeper than ${CLAIM_DEPTH_MAX} levels, however deep`, () => {
    const nested = (depth: number) => `${'{"a":'.repeat(depth)}"x"${'}'.repeat(depth)}`;
    expect(read(nested(CLAIM_DEPTH_MAX))).toEqual({ [Array(CLAIM_DEPTH_MAX).fill('a').join('.')]: ['x'] });
    for (const depth of [CLAIM_DEPTH_MAX + 1, 20_000]) {
      expect(() => read(nested(depth))).toThrow(expect.objectContaining({ code: 'malformed-claim' }));
    }
  });

  it.each(['{"a":"\\u0000"}', '{"\\u0000":"a"}', '{"a":"\\ud800"}', '{"a":["b","\\uffff"]}'])(
    'refuses %s: it is no text',
    (json) => {
      expect(() => read(json)).toThrow(expect.objectContaining({ code: 'malformed-claim' }));
    },
  );
});
