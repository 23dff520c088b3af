import { settingChanges } from './setting-changes.js';

const LONG = 'x'.repeat(301);

describe('settings before and after', () => {
  it.each([
    ['nothing changed', { a: 1 }, { a: 1 }, [], []],
    ['a value', { a: 1, b: true }, { a: 2, b: true }, ['a=1'], ['a=2']],
    ['something new', null, { a: 'x', b: null }, [], ['a=x']],
    ['something gone', { a: 'x' }, null, ['a=x'], []],
    [
      'deep inside',
      { saml: { forceAuthn: false } },
      { saml: { forceAuthn: true } },
      ['saml.forceAuthn=false'],
      ['saml.forceAuthn=true'],
    ],
    ['a list of values', { domains: ['a'] }, { domains: ['a', 'b'] }, ['domains=["a"]'], ['domains=["a","b"]']],
    ['an emptied list', { domains: ['a'] }, { domains: [] }, ['domains=["a"]'], ['domains=[]']],
    [
      'one element of a list, by its id',
      {
        rules: [
          { id: 'x', version: 1 },
          { id: 'y', version: 1 },
        ],
      },
      {
        rules: [
          { id: 'y', version: 2 },
          { id: 'x', version: 1 },
        ],
      },
      ['rules[y].version=1'],
      ['rules[y].version=2'],
    ],
    [
      'an erased value',
      { owner: 'ada@acme.example' },
      { owner: '[erased]' },
      ['owner=ada@acme.example'],
      ['owner=[erased]'],
    ],
  ])('%s', (_name, before, after, was, is) => {
    expect(settingChanges(before, after)).toEqual({ before: was, after: is });
  });

  it('gives long values by their hash, so that different ones differ', () => {
    const { before, after } = settingChanges({ logo: LONG }, { logo: `${LONG}y` });

    expect(before[0]).toMatch(/^logo=sha256:[0-9a-f]{64} \(301 characters\)$/);
    expect(after[0]).not.toBe(before[0]);
  });
});
