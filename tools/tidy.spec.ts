/**
 * House rules that a machine can check, enforced on every file of the repository.
 * Each rule is first shown a planted fault that it must report and a harmless look-alike that it must not: a rule that
 * has gone blind fails here instead of passing for ever.
 */
import { deadFiles } from './tidy/dead-files.rule.js';
import { exportsAreDocumented } from './tidy/doc.rules.js';
import { nameIsKebabCase, nameSaysSomething } from './tidy/name.rules.js';
import { coreIsPure } from './tidy/purity.rules.js';
import { FILE_LINES_MAX, FUNCTION_LINES_MAX, fileIsShort, functionsAreShort } from './tidy/size.rules.js';
import { isCode, type Rule, readTree, type SourceFile } from './tidy/source-tree.js';
import { testsRun } from './tidy/spec.rules.js';
import { isFinished, isPortable } from './tidy/text.rules.js';

const everything = readTree(process.cwd(), '.');
const code = everything.filter((file) => isCode(file) && file.path.includes('/'));

const lines = (count: number) => 'one();\n'.repeat(count);
const unfinished = ['TO', 'DO'].join('');
const machine = ['', 'home', 'ada', 'gatebook'].join('/');

describe('every source file', () => {
  it('is looked at', () => {
    expect(code.map(({ path }) => path)).toContain('tools/tidy.spec.ts');
  });

  describe.each<[string, Rule, SourceFile[]]>([
    ['is short', fileIsShort, code],
    ['has short functions', functionsAreShort, code],
    ['has a name that says something', nameSaysSomething, code],
    ['has a name in kebab-case', nameIsKebabCase, code],
    ['is pure in kernel and domain', coreIsPure, code],
    ['documents what a lib exports', exportsAreDocumented, code],
    ['leaves out no test', testsRun, code],
    ['is finished', isFinished, everything],
    ['is portable', isPortable, everything],
  ])('%s', (_, rule, files) => {
    it('without exception', () => expect(files.flatMap(rule)).toEqual([]));
  });

  it('is reached from somewhere', () => expect(deadFiles(code)).toEqual([]));
});

describe.each<[string, Rule, SourceFile, SourceFile]>([
  ['a long file', fileIsShort, at('a.ts', lines(FILE_LINES_MAX + 1)), at('a.ts', lines(FILE_LINES_MAX))],
  ['a long function', functionsAreShort, functionOf(FUNCTION_LINES_MAX + 1), functionOf(FUNCTION_LINES_MAX)],
  [
    'a long method',
    functionsAreShort,
    at('a.ts', `class A { long() {\n${lines(80)}} }`),
    at('a.ts', 'class A { short() {} }'),
  ],
  [
    'a long test',
    functionsAreShort,
    suiteOf(`it('x', () => {\n${lines(80)}});`),
    suiteOf("it('x', () => one());\n".repeat(80)),
  ],
  ['a folder of anything', nameSaysSomething, at('libs/bus/src/utils/x.ts'), at('apps/gate/src/service-provider.ts')],
  ['a service', nameSaysSomething, at('libs/bus/src/user.service.ts'), at('libs/bus/src/services-of-record.ts')],
  ['a file in camelCase', nameIsKebabCase, at('libs/bus/src/kafkaBus.ts'), at('libs/bus/src/kafka-bus.int.spec.ts')],
  ['the clock', coreIsPure, inDomain('Date.now()'), inDomain('clock.now()')],
  ['the hidden clock', coreIsPure, inDomain('new Date()'), inDomain('new Date(at)')],
  ['the hidden clock in short', coreIsPure, inDomain('Date()'), inDomain('Date.parse(at)')],
  ['chance', coreIsPure, inDomain('Math.random()'), inDomain('Math.max(1, 2)')],
  ['a chance id', coreIsPure, inDomain('crypto.randomUUID()'), at('libs/vault/src/a.ts', 'crypto.randomUUID()')],
  ['the environment', coreIsPure, inDomain("process.env['A']"), at('libs/domain/src/a.spec.ts', "process.env['A']")],
  ['a Node module', coreIsPure, inDomain("import 'node:fs';"), inDomain("import '#libs/kernel';")],
  ['a Node module by its old name', coreIsPure, inDomain("import 'crypto';"), inDomain("say('crypto', 1)['fs']")],
  [
    'an export without words',
    exportsAreDocumented,
    inBus('export const a = 1;'),
    inBus('/** One. */\nexport const a = 1;'),
  ],
  [
    'a block without words',
    exportsAreDocumented,
    inBus('/** A. */\nexport type A = 1;\n\nexport type B = 1;'),
    inBus('/** Both. */\nexport type A = 1;\nexport type B = 1;'),
  ],
  [
    'a value without words',
    exportsAreDocumented,
    inBus("export const left = event('account', 'Left', {});"),
    inBus("export const left = event('account', 'Left', 'a person went away', {});"),
  ],
  ['a class without words', exportsAreDocumented, inBus('export class A {}'), inBus('/** A. */\nexport class A {}')],
  [
    'a late export',
    exportsAreDocumented,
    inBus('const a = 1;\nexport { a };'),
    inBus("const a = 1;\nexport { b } from './b.js';"),
  ],
  ['a single test', testsRun, inSpec("it.only('x', run);"), inSpec("it('x', run);")],
  [
    'a test left out',
    testsRun,
    inSpec("describe.skip('x', run);"),
    inSpec("(available ? describe : describe.skip)('x', run);"),
  ],
  ['a test left out in short', testsRun, inSpec("xit('x', run);"), inSpec('exit(0);')],
  ['a test that cannot fail', testsRun, inSpec('expect(true).toBe(true);'), inSpec('expect(held).toBe(true);')],
  ['unfinished work', isFinished, at('a.md', `${unfinished}: write`), at('a.md', 'to do something')],
  [
    'the path of a machine',
    isPortable,
    at('a.md', `cd ${machine}`),
    at('a.md', `https://gatebook.example${machine} or .${machine}`),
  ],
])('%s', (_, rule, fault, harmless) => {
  it('is caught', () => expect(rule(fault)).toHaveLength(1));
  it('is told from what is allowed', () => expect(rule(harmless)).toEqual([]));
});

describe('a dead file', () => {
  const entry = at('apps/gate/src/main.ts', "import '#libs/bus';\nstartWorker('./hash.worker.js');");
  const used = [
    entry,
    at('libs/bus/src/index.ts', "export * from './bus.js';"),
    at('libs/bus/src/bus.ts'),
    at('apps/gate/src/hash.worker.ts'),
  ];

  it('is caught, also when only another dead file uses it', () => {
    const dead = [at('libs/bus/src/old.ts', "import './older.js';"), at('libs/bus/src/older.ts', "import './old.js';")];
    expect(deadFiles([...used, ...dead])).toHaveLength(2);
  });

  it('is told from one that is imported, started as a worker, or tested', () => {
    expect(
      deadFiles([...used, at('libs/bus/src/bus.spec.ts', "import './testbed.js';"), at('libs/bus/src/testbed.ts')]),
    ).toEqual([]);
  });
});

function at(path: string, text = ''): SourceFile {
  return { path, text };
}

function inDomain(text: string): SourceFile {
  return at('libs/domain/src/account/account.decider.ts', text);
}

function inBus(text: string): SourceFile {
  return at('libs/bus/src/bus.ts', text);
}

function inSpec(text: string): SourceFile {
  return at('libs/bus/src/bus.spec.ts', text);
}

function functionOf(count: number): SourceFile {
  return at('a.ts', `function long() {\n${lines(count - 2)}}`);
}

function suiteOf(body: string): SourceFile {
  return inSpec(`describe('x', () => {\n${body}});`);
}
