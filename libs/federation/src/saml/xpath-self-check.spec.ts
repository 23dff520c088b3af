/**
 * The shortcut past xpath is used only where it gives xpath's own answers, and can be switched off.
 * Method: the real xpath agrees; a copy of it that lies about one question must be noticed, question by question.
 */
import { getEnvironmentData } from 'node:worker_threads';
import { SELF_CHECK_QUESTIONS } from './xpath-self-check.js';
import {
  answerDirectly,
  type DomNode,
  installXPathShortcut,
  switchXPathShortcut,
  type XPathModule,
  xpathModules,
} from './xpath-shortcut.js';

const [first] = xpathModules();
if (!first) throw new Error('The libraries load no xpath.');
const originals: XPathModule = { ...first };

/** A copy of xpath, changed in part. */
const copy = (changes: Partial<XPathModule> = {}): XPathModule => ({ ...originals, ...changes });

/** Leaves the last node out of its answers to one question. */
function lyingAbout(question: string): XPathModule {
  const selectWithResolver: XPathModule['selectWithResolver'] = (query, node, resolver, single) => {
    const answer = originals.selectWithResolver(query, node, resolver, single);
    return query === question && Array.isArray(answer) ? answer.slice(0, -1) : answer;
  };
  return copy({ selectWithResolver });
}

const nobody = { nodeType: 9, nodeName: '#document', parentNode: null, firstChild: null } as DomNode;
const warnings: string[] = [];
beforeEach(() => {
  warnings.length = 0;
  jest.spyOn(process.stderr, 'write').mockImplementation((text) => warnings.push(String(text)) > 0);
});
afterEach(() => {
  switchXPathShortcut(true);
  jest.restoreAllMocks();
});

describe('the check of the xpath shortcut at start', () => {
  it('lets it be used with every copy of xpath that the libraries load', () => {
    const copies = xpathModules().map((xpath) => ({ ...xpath }));
    const before = copies.map((xpath) => ({ ...xpath }));
    expect(installXPathShortcut(() => copies)).toBe('in use');
    for (const [index, { select, select1, selectWithResolver }] of copies.entries()) {
      expect(select).not.toBe(before[index]?.select);
      expect(select1).not.toBe(before[index]?.select1);
      expect(selectWithResolver).not.toBe(before[index]?.selectWithResolver);
    }
    expect(warnings).toEqual([]);
  });

  it('asks only questions that the shortcut answers itself', () => {
    expect(SELF_CHECK_QUESTIONS.filter((question) => !answerDirectly(question, nobody))).toEqual([]);
  });

  it.each(SELF_CHECK_QUESTIONS)('leaves xpath in place, aloud, when it answers %s otherwise', (question) => {
    const honest = copy();
    const liar = lyingAbout(question);
    expect(installXPathShortcut(() => [honest, liar])).toBe('set aside');
    expect([honest.select, honest.select1]).toEqual([originals.select, originals.select1]); // both or none
    expect(warnings).toEqual([expect.stringContaining(question)]);
  });

  it('leaves xpath in place when the order of nodes is another one', () => {
    const select: XPathModule['select'] = (query, node, single) => {
      const answer = originals.select(query, node, single);
      return Array.isArray(answer) ? answer.toReversed() : answer;
    };
    expect(installXPathShortcut(() => [copy({ select })])).toBe('set aside');
  });

  it('leaves xpath in place when one node stands for a list, or the other way round', () => {
    const select1: XPathModule['select1'] = (query, node) => originals.select(query, node);
    expect(installXPathShortcut(() => [copy({ select1 })])).toBe('set aside');
  });

  it.each([
    [
      'cannot be loaded',
      () => {
        throw new Error('Cannot find module');
      },
    ],
    [
      'fails',
      () => [
        copy({
          select: () => {
            throw new Error('no');
          },
        }),
      ],
    ],
  ] as [string, () => XPathModule[]][])('leaves xpath in place when it %s', (_what, modules) => {
    expect(installXPathShortcut(modules)).toBe('set aside');
    expect(warnings).toHaveLength(1);
  });
});

describe('the switch of the xpath shortcut', () => {
  it('leaves xpath in place, silently, when it is off', () => {
    switchXPathShortcut(false);
    const xpath = copy();
    expect(installXPathShortcut(() => [xpath])).toBe('switched off');
    expect(xpath).toEqual(originals);
    expect(warnings).toEqual([]);
  });

  it('is on when nobody touched it, and after it was switched on again', () => {
    switchXPathShortcut(false);
    switchXPathShortcut(true);
    expect(getEnvironmentData('gatebook.saml.xpath-shortcut')).toBe('on');
    expect(installXPathShortcut(() => [copy()])).toBe('in use');
  });
});
