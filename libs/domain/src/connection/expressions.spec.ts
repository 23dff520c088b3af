import type { Expression } from '#libs/contracts';
import { EXPRESSION_DEPTH_MAX, evaluate, VALUE_LENGTH_MAX, VALUES_MAX } from './expressions.js';

const claims = new Map<string, readonly string[]>([
  ['nameId', ['ada-1']],
  ['mail', ['Ada@Acme.example', 'a.okafor@acme.example']],
  ['first', ['Ada']],
  ['empty', []],
  ['blank', ['']],
  ['memberOf', ['eng; leads ;;ops']],
  ['realm_access.roles', ['admin', 'user']],
  ['__proto__', ['7']],
]);
const value = (expression: Expression) => evaluate(expression, claims);

describe('an expression', () => {
  it.each<[string, Expression, readonly string[] | undefined]>([
    ['a claim by its name', 'first', ['Ada']],
    ['a nested claim with dots', 'realm_access.roles', ['admin', 'user']],
    ['the subject’s own name', 'nameId', ['ada-1']],
    ['a claim of any name', '__proto__', ['7']],
    ['a constant', { constant: 'staff' }, ['staff']],
    ['lower case, of every value', { lower: 'mail' }, ['ada@acme.example', 'a.okafor@acme.example']],
    ['a value without blanks around it', { trim: { constant: ' x ' } }, ['x']],
    ['one value cut into several', { split: 'memberOf', by: ';' }, ['eng', 'leads', '', 'ops']],
    ['the first choice that has a value', { firstOf: ['missing', 'empty', 'blank', 'first'] }, ['Ada']],
    ['a part that a regular expression takes', { regexp: '^([^@]+)@', of: 'mail', take: '$1' }, ['Ada', 'a.okafor']],
    ['a rearranged part', { regexp: '(\\w+)@(\\w+)', of: 'mail', take: '$2/$1' }, ['Acme/Ada', 'acme/okafor']],
    ['a template', { template: '{first}.{nameId}@acme.example' }, ['Ada.ada-1@acme.example']],
    [
      'steps within steps',
      { lower: { regexp: '@(.+)$', of: { firstOf: ['none', 'mail'] }, take: '$1' } },
      ['acme.example', 'acme.example'],
    ],
  ])('yields %s', (_, expression, expected) => expect(value(expression)).toEqual(expected));

  it.each<[string, Expression, readonly string[] | undefined]>([
    ['a claim that the source did not mention is undefined', 'missing', undefined],
    ['a step on one is undefined', { lower: { trim: 'missing' } }, undefined],
    ['a claim that it mentioned without a value is empty', 'empty', []],
    ['choices of which none has a value are what was mentioned first', { firstOf: ['missing', 'empty', 'blank'] }, []],
    ['choices of which none was mentioned are undefined', { firstOf: ['missing', 'absent'] }, undefined],
    ['what does not match is no value', { regexp: '^x', of: 'mail', take: '$0' }, []],
    ['a template with a name that was not mentioned is undefined', { template: '{first} {missing}' }, undefined],
    ['a template with a name that has no value is empty', { template: '{first} {empty}' }, []],
    ['a regular expression that may not be used yields nothing', { regexp: '(', of: 'mail', take: '$0' }, []],
  ])('tells absence from emptiness: %s', (_, expression, expected) => expect(value(expression)).toEqual(expected));

  it('does not lower-case into ASCII what merely folds to it', () =>
    expect(evaluate({ lower: 'n' }, new Map([['n', ['mi\u212Ae']]]))).toEqual(['mi\u212Ae']));

  it('takes a reference to a group that the expression lacks as it is written', () =>
    expect(value({ regexp: '^(A)', of: 'mail', take: '$1$2' })).toEqual(['A$2']));

  it('makes no values longer, and no more of them, than claims may have', () => {
    const long = new Map([['x', ['y'.repeat(VALUE_LENGTH_MAX)]]]);
    expect(evaluate({ template: '{x}{x}' }, long)).toEqual([]);
    expect(evaluate({ regexp: 'y+', of: 'x', take: '$0$0' }, long)).toEqual([]);
    const many = new Map([['x', Array.from({ length: 3_000 }, () => ';;;')]]);
    expect(evaluate({ split: 'x', by: ';' }, many)).toHaveLength(VALUES_MAX);
  });

  it('yields nothing where it is nested too deeply', () => {
    const nested = (depth: number): Expression => (depth === 0 ? 'first' : { trim: nested(depth - 1) });
    expect(value(nested(EXPRESSION_DEPTH_MAX))).toEqual(['Ada']);
    expect(value(nested(EXPRESSION_DEPTH_MAX + 1))).toBeUndefined();
  });
});
