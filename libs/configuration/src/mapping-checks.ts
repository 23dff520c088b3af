import { regexpProblem } from '#libs/domain';

/** Something that is wrong in a value, and where in it. */
export interface Found {
  readonly path: readonly PropertyKey[];
  readonly problem: string;
}

/** How deep expressions and conditions may be nested. */
export const NESTING_MAX = 5;

/** Most parts of one expression or condition, all levels together. */
const PARTS_MAX = 200;

/** Most parts of one choice or combination. */
const CHOICES_MAX = 50;

/** Most values of one `in`. */
const VALUES_MAX = 200;

const EXPRESSIONS =
  'must be the name of a claim, or one of { constant }, { lower }, { trim }, { split, by }, { firstOf }, { regexp, of, take }, { template }';
const CONDITIONS =
  'must be always, or one of { group }, { attribute }, { claim }, { domain }, { authenticationContext }, { all }, { any }, { not }';
const COMPARISONS = ['equals', 'in', 'matches', 'present'] as const;

type Keys = Readonly<Record<string, unknown>>;
type Check = (value: unknown, path: readonly PropertyKey[], depth: number) => void;

/** Finds what is wrong with an expression of the mapping language. Total: the value may be anything. */
export const problemsOfExpression = (value: unknown): Found[] => new MappingCheck().run('expression', value);

/** Finds what is wrong with a condition of the mapping language. Total: the value may be anything. */
export const problemsOfCondition = (value: unknown): Found[] => new MappingCheck().run('condition', value);

/** One walk through an expression or a condition; it ends at the limits of depth and of parts. */
class MappingCheck {
  readonly #found: Found[] = [];
  #parts = 0;

  run(what: 'expression' | 'condition', value: unknown): Found[] {
    if (what === 'expression') this.#expression(value, [], 1);
    else this.#condition(value, [], 1);
    return this.#found;
  }

  #report(path: readonly PropertyKey[], problem: string): void {
    this.#found.push({ path, problem });
  }

  /** @returns whether to look into the value at all */
  #enters(path: readonly PropertyKey[], depth: number): boolean {
    this.#parts += 1;
    if (depth > NESTING_MAX) this.#report(path, `must not be nested deeper than ${NESTING_MAX} levels`);
    if (this.#parts === PARTS_MAX + 1) this.#report(path, `must not have more than ${PARTS_MAX} parts`);
    return depth <= NESTING_MAX && this.#parts <= PARTS_MAX;
  }

  readonly #expression: Check = (value, path, depth) => {
    if (!this.#enters(path, depth)) return;
    if (value === undefined) {
      this.#report(path, 'is missing');
      return;
    }
    if (typeof value === 'string') {
      this.#text(value, path, 512);
      return;
    }
    const keys = asKeys(value);
    const form = keys && EXPRESSION_FORMS.find(({ names }) => names[0] !== undefined && names[0] in keys);
    if (!keys || !form) {
      this.#report(path, EXPRESSIONS);
      return;
    }
    this.#onlyKeys(keys, form.names, path);
    for (const name of form.names) {
      if (name in keys || name !== form.names[0])
        this.#part(form.parts[name] ?? 'text', keys[name], [...path, name], depth);
    }
  };

  #part(kind: PartKind, value: unknown, path: readonly PropertyKey[], depth: number): void {
    if (kind === 'expression') this.#expression(value, path, depth + 1);
    else if (kind === 'expressions') this.#list(value, path, depth, this.#expression);
    else if (kind === 'pattern') this.#pattern(value, path);
    else this.#text(value, path, kind === 'separator' ? 8 : 512);
  }

  readonly #condition: Check = (value, path, depth) => {
    if (!this.#enters(path, depth)) return;
    if (value === undefined) {
      this.#report(path, 'is missing');
      return;
    }
    if (value === 'always') return;
    const keys = asKeys(value);
    const kind = keys && CONDITION_KINDS.find((name) => name in keys);
    if (!keys || !kind) {
      this.#report(path, CONDITIONS);
      return;
    }
    const compares = kind === 'attribute' || kind === 'claim';
    this.#onlyKeys(keys, [kind, ...(compares ? COMPARISONS : [])], path);
    const at = [...path, kind];
    if (kind === 'all' || kind === 'any') this.#list(keys[kind], at, depth, this.#condition);
    else if (kind === 'not') this.#condition(keys[kind], at, depth + 1);
    else this.#text(keys[kind], at, CONDITION_TEXT_MAX[kind]);
    if (compares) this.#comparison(keys, path);
    if (kind === 'domain' && keys[kind] !== String(keys[kind]).toLowerCase())
      this.#report(at, 'must be a domain name in lower case');
  };

  #comparison(keys: Keys, path: readonly PropertyKey[]): void {
    const given = COMPARISONS.filter((name) => keys[name] !== undefined);
    if (given.length !== 1) {
      this.#report(path, 'must have exactly one of equals, in, matches, present');
      return;
    }
    const [name] = given as [(typeof COMPARISONS)[number]];
    const at = [...path, name];
    if (name === 'equals') this.#text(keys[name], at, 512);
    else if (name === 'matches') this.#pattern(keys[name], at);
    else if (name === 'present' && typeof keys[name] !== 'boolean') this.#report(at, 'must be true or false');
    else if (name === 'in') this.#values(keys[name], at);
  }

  #values(value: unknown, path: readonly PropertyKey[]): void {
    if (!Array.isArray(value)) {
      this.#report(path, 'must be a list');
      return;
    }
    if (value.length < 1 || value.length > VALUES_MAX) {
      this.#report(path, `must have 1 to ${VALUES_MAX} entries`);
      return;
    }
    for (const [index, item] of value.entries()) this.#text(item, [...path, index], 512);
  }

  #list(value: unknown, path: readonly PropertyKey[], depth: number, check: Check): void {
    if (!Array.isArray(value)) {
      this.#report(path, 'must be a list');
      return;
    }
    if (value.length < 1 || value.length > CHOICES_MAX) {
      this.#report(path, `must have 1 to ${CHOICES_MAX} entries`);
      return;
    }
    for (const [index, item] of value.entries()) check(item, [...path, index], depth + 1);
  }

  #pattern(value: unknown, path: readonly PropertyKey[]): void {
    this.#text(value, path, 256);
    const problem = typeof value === 'string' && value !== '' && value.length <= 256 ? regexpProblem(value) : null;
    if (problem !== null) this.#report(path, problem);
  }

  #text(value: unknown, path: readonly PropertyKey[], max: number): void {
    if (value === undefined) this.#report(path, 'is missing');
    else if (typeof value !== 'string') this.#report(path, 'must be text');
    else if (value === '') this.#report(path, 'must not be empty');
    else if (value.length > max) this.#report(path, `must have at most ${max} characters`);
  }

  #onlyKeys(keys: Keys, known: readonly string[], path: readonly PropertyKey[]): void {
    for (const name of Object.keys(keys)) {
      if (!known.includes(name)) this.#report([...path, name], `is not a known key here: ${known.join(', ')}`);
    }
  }
}

type PartKind = 'text' | 'separator' | 'pattern' | 'expression' | 'expressions';

interface ExpressionForm {
  /** The first one tells the form. */
  readonly names: readonly string[];
  readonly parts: Readonly<Record<string, PartKind>>;
}

const EXPRESSION_FORMS: readonly ExpressionForm[] = [
  { names: ['constant'], parts: { constant: 'text' } },
  { names: ['lower'], parts: { lower: 'expression' } },
  { names: ['trim'], parts: { trim: 'expression' } },
  { names: ['split', 'by'], parts: { split: 'expression', by: 'separator' } },
  { names: ['firstOf'], parts: { firstOf: 'expressions' } },
  { names: ['regexp', 'of', 'take'], parts: { regexp: 'pattern', of: 'expression', take: 'text' } },
  { names: ['template'], parts: { template: 'text' } },
];

const CONDITION_KINDS = [
  'group',
  'attribute',
  'claim',
  'domain',
  'authenticationContext',
  'all',
  'any',
  'not',
] as const;
const CONDITION_TEXT_MAX = { group: 512, attribute: 64, claim: 512, domain: 253, authenticationContext: 1024 } as const;

function asKeys(value: unknown): Keys | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Keys) : null;
}
