import { createRequire } from 'node:module';
import { getEnvironmentData, setEnvironmentData } from 'node:worker_threads';
import { firstDifference, SELF_CHECK_DOCUMENT } from './xpath-self-check.js';

/** The part of a DOM node that the queries look at. */
export interface DomNode {
  readonly nodeType: number;
  readonly nodeName: string;
  readonly nodeValue: string | null;
  readonly localName?: string | null;
  readonly namespaceURI?: string | null;
  readonly parentNode: DomNode | null;
  readonly firstChild: DomNode | null;
  readonly nextSibling: DomNode | null;
  readonly attributes?: { readonly length: number; item(index: number): DomNode | null } | null;
}

/** What the signature libraries call of `xpath`, always as properties of the module. */
export interface XPathModule {
  select(query: string, node: DomNode, single?: boolean): unknown;
  select1(query: string, node: DomNode): unknown;
  selectWithResolver(query: string, node: DomNode, resolver: unknown, single?: boolean): unknown;
}

type Test = (node: DomNode) => boolean;
type Answer = (context: DomNode) => DomNode[];

const ELEMENT = 1;
const TEXT = 3;
const CDATA = 4;
const COMMENT = 8;
const installed = new WeakSet<XPathModule>();

/** What a thread made of the shortcut; `set aside` when it differed from `xpath` here, so that `xpath` answers everything. */
export type ShortcutState = 'in use' | 'switched off' | 'set aside';

/** Key of the switch among what a thread hands on to those that it starts. */
const SWITCH = 'gatebook.saml.xpath-shortcut';

/**
 * Switches the shortcut on or off for every thread that this one starts from now on. It is on unless switched off.
 * Off, each verification takes about twice the processor time; verdicts are the same.
 */
export function switchXPathShortcut(on: boolean): void {
  setEnvironmentData(SWITCH, on ? 'on' : 'off');
}

/**
 * Makes node-saml and xml-crypto, in this thread, find nodes by a plain walk instead of by `xpath`.
 * They ask a closed set of simple questions, for which `xpath` takes half of the time of a verification. Each question of that set gets
 * the same nodes in the same order; any other goes to `xpath` as before. Before anything is replaced both ways answer questions of every
 * form; at the first difference, or fault, `xpath` stays and a warning says so, so that another version of it can make this slower but
 * not wrong. `xpath-shortcut.prop.spec.ts` compares the two much further, node by node.
 */
export function installXPathShortcut(modules: () => readonly XPathModule[] = xpathModules): ShortcutState {
  if (getEnvironmentData(SWITCH) === 'off') return 'switched off';
  try {
    const contexts = selfCheckContexts();
    const replaceable = modules().filter((xpath) => !installed.has(xpath));
    const shortened = replaceable.map((xpath) => [xpath, shorten(xpath)] as const);
    for (const [xpath, short] of shortened) demandAgreement(firstDifference(contexts, xpath, short));
    for (const [xpath, short] of shortened) {
      installed.add(xpath);
      Object.assign(xpath, short);
    }
    return 'in use';
  } catch (cause) {
    // not by the console, which a verifying thread silences
    process.stderr.write(`Warning: ${NOT_USED}: ${cause instanceof Error ? cause.message : 'unknown fault'}\n`);
    return 'set aside';
  }
}

const NOT_USED =
  'SAML responses are verified by the libraries alone, correctly but slower, because the shortcut past xpath failed its check at start';

function demandAgreement(difference: string | undefined): void {
  if (difference !== undefined) throw new Error(`another answer to ${difference}`);
}

/** Nodes of the sample, as the libraries' own parser makes them: the document, its root, and a signature. */
function selfCheckContexts(): readonly [DomNode, ...DomNode[]] {
  const { DOMParser } = nodeSamlRequire()('@xmldom/xmldom');
  const document: DomNode = new DOMParser().parseFromString(SELF_CHECK_DOCUMENT, 'text/xml');
  const named = (name: string) => descendantsOf(document, ({ nodeName }) => nodeName === name).slice(0, 1);
  return [document, ...['p:Response', 'ds:Signature'].flatMap(named)];
}

/** The copies of `xpath` that the two libraries load; npm may give each its own. */
export function xpathModules(): readonly XPathModule[] {
  const nodeSaml = nodeSamlRequire();
  const xmlCrypto = createRequire(nodeSaml.resolve('xml-crypto'));
  return [...new Set<XPathModule>([nodeSaml('xpath'), xmlCrypto('xpath')])];
}

const nodeSamlRequire = () => createRequire(createRequire(import.meta.url).resolve('@node-saml/node-saml'));

/** Answers a query by a walk, or `undefined` when it is not one of the known questions. Nodes are in document order. */
export function answerDirectly(query: string, context: DomNode): DomNode[] | undefined {
  for (const [shape, build] of SHAPES) {
    const match = shape.exec(query);
    if (match) return build(match)(context);
  }
  return undefined;
}

function shorten({ select, select1, selectWithResolver }: XPathModule): XPathModule {
  return {
    select: (query, node, single = false) => {
      const nodes = answerDirectly(query, node);
      if (!nodes) return select(query, node, single);
      return single ? nodes[0] : nodes;
    },
    select1: (query, node) => {
      const nodes = answerDirectly(query, node);
      return nodes ? nodes[0] : select1(query, node);
    },
    selectWithResolver: (query, node, resolver, single = false) => {
      const nodes = answerDirectly(query, node);
      if (!nodes) return selectWithResolver(query, node, resolver, single);
      return single ? nodes[0] : nodes;
    },
  };
}

const NAMED = String.raw`\*\[local-name\(\.?\)='([^']*)'(?: and namespace-uri\(\.\)='([^']*)')?\]`;

/** The known questions. A literal holds no quotation mark of its own kind, so each pattern matches the whole of its question. */
const SHAPES: readonly (readonly [RegExp, (match: RegExpExecArray) => Answer])[] = [
  // .//*[local-name(.)='X' and namespace-uri(.)='N'], ./*[…], //*[…], each perhaps with /@A
  [
    new RegExp(String.raw`^(\.//|\./|//)${NAMED}(?:/@(\w+))?$`),
    ([, axis, name, namespace, attribute]) => {
      const test = isNamed(name, namespace);
      const step = attribute ? attributesNamed(attribute) : itself;
      return (context) => along(axis, context, test).flatMap(step);
    },
  ],
  // .//*[local-name(.)='X']/text()
  [
    new RegExp(String.raw`^\.//${NAMED}/text\(\)$`),
    ([, name, namespace]) => {
      const test = isNamed(name, namespace);
      return (context) =>
        descendantsOf(
          context,
          (node) => isText(node) && node.parentNode !== context && !!node.parentNode && test(node.parentNode),
        );
    },
  ],
  // /*[local-name()='A']/*[local-name()='B'] and /*[local-name()='A']/@B
  [
    new RegExp(String.raw`^/${NAMED}/(?:${NAMED}|@(\w+))$`),
    ([, root, rootNamespace, child, childNamespace, attribute]) => {
      const test = isNamed(root, rootNamespace);
      const step = attribute
        ? attributesNamed(attribute)
        : (node: DomNode) => childrenOf(node).filter(isNamed(child, childNamespace));
      return (context) => childrenOf(rootOf(context)).filter(test).flatMap(step);
    },
  ],
  // //*[@*[local-name(.)='ID']='v']
  [
    /^\/\/\*\[@\*\[local-name\(\.\)='(\w+)'\]='([^']*)'\]$/,
    ([, name, value]) => {
      const test: Test = (attribute) => attribute.nodeValue === value && localName(attribute) === name;
      return (context) => descendantsOf(rootOf(context), (node) => isElement(node) && hasAttribute(node, test));
    },
  ],
  // //*[@ID="v"]
  [
    /^\/\/\*\[@(\w+)="([^"]*)"\]$/,
    ([, name, value]) => {
      const named = isAttributeNamed(name);
      const test: Test = (each) => each.nodeValue === value && named(each);
      return (context) => descendantsOf(rootOf(context), (node) => isElement(node) && hasAttribute(node, test));
    },
  ],
  [/^\.\/\/comment\(\)$/, () => (context) => descendantsOf(context, ({ nodeType }) => nodeType === COMMENT)],
];

function along(axis: string | undefined, context: DomNode, test: Test): DomNode[] {
  if (axis === './') return childrenOf(context).filter(test);
  return descendantsOf(axis === '//' ? rootOf(context) : context, test);
}

function isNamed(name: string | undefined, namespace: string | undefined): Test {
  return (node) =>
    isElement(node) && localName(node) === name && (namespace === undefined || (node.namespaceURI ?? '') === namespace);
}

const isElement: Test = ({ nodeType }) => nodeType === ELEMENT;
const itself = (node: DomNode) => [node];
const localName = ({ localName, nodeName }: DomNode) => localName || nodeName;
const isText: Test = ({ nodeType }) => nodeType === TEXT || nodeType === CDATA;

const attributesNamed = (name: string) => {
  const test = isAttributeNamed(name);
  return (node: DomNode) => attributesOf(node).filter(test);
};

/** `xpath` takes every xmldom document for HTML and compares the names after `@` without regard to case; so does this. */
function isAttributeNamed(name = ''): Test {
  const lower = name.toLowerCase();
  return (attribute) => !attribute.namespaceURI && localName(attribute).toLowerCase() === lower;
}

function attributesOf({ attributes }: DomNode): DomNode[] {
  return Array.from({ length: attributes?.length ?? 0 }, (_, index) => attributes?.item(index)).filter(
    (each) => !!each,
  );
}

/** Without an array: it is asked of every element four times. */
function hasAttribute({ attributes }: DomNode, test: Test): boolean {
  const count = attributes?.length ?? 0;
  for (let index = 0; index < count; index += 1) {
    const attribute = attributes?.item(index);
    if (attribute && test(attribute)) return true;
  }
  return false;
}

function rootOf(node: DomNode): DomNode {
  let root = node;
  while (root.parentNode) root = root.parentNode;
  return root;
}

function childrenOf(node: DomNode): DomNode[] {
  const children: DomNode[] = [];
  for (let child = node.firstChild; child; child = child.nextSibling) children.push(child);
  return children;
}

/** The nodes below that pass, in document order, without recursion: depth is the document's to choose. */
function descendantsOf(top: DomNode, test: Test): DomNode[] {
  const found: DomNode[] = [];
  for (let node = top.firstChild; node; node = following(node, top)) if (test(node)) found.push(node);
  return found;
}

function following(node: DomNode, top: DomNode): DomNode | null {
  if (node.firstChild) return node.firstChild;
  let last: DomNode | null = node;
  while (last && last !== top && !last.nextSibling) last = last.parentNode;
  return !last || last === top ? null : last.nextSibling;
}
