import { compiled, PROGRAM_SIZE_MAX, regexpProblem } from './regexps.js';

describe('a regular expression', () => {
  it.each([
    '^([^@]+)@',
    '(?i)senior .*',
    'CN=([^,]+),.*',
    '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}',
    '.{1,100}',
    '(a+)+b',
  ])('of ordinary size may be used: %s', (pattern) => {
    expect(regexpProblem(pattern)).toBeNull();
    expect(compiled(pattern)?.size).toBeLessThanOrEqual(PROGRAM_SIZE_MAX);
  });

  it.each(['(?:a?){700}b', '(a{0,38}){0,18}b', '(?:a?){140}[^a]', '((?:a|b|.)?){180}x', '.{1,200}'])(
    'that is short and large all the same may not: %s',
    (pattern) => {
      expect(regexpProblem(pattern)).toContain('is too large');
      expect(compiled(pattern)).toBeNull();
    },
  );

  it.each(['(', '(a)\\1', 'a(?=b)', '(?<=a)b', 'x{2000}'])('that RE2 does not know may not: %s', (pattern) => {
    expect(regexpProblem(pattern)).toContain('RE2');
    expect(compiled(pattern)).toBeNull();
  });

  it('has between 1 and 256 characters', () => {
    expect(regexpProblem('')).toContain('between 1 and 256');
    expect(regexpProblem('a'.repeat(257))).toContain('between 1 and 256');
  });
});
