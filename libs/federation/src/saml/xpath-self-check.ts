/** The functions of `xpath` that are compared. */
interface Asked<Node> {
  select(query: string, node: Node, single?: boolean): unknown;
  select1(query: string, node: Node): unknown;
  selectWithResolver(query: string, node: Node, resolver: unknown, single?: boolean): unknown;
}

const XMLDSIG = 'http://www.w3.org/2000/09/xmldsig#';

/** A document with each thing that questions may stumble over: names in other namespaces, other cases, inside each other, in odd places. */
export const SELF_CHECK_DOCUMENT = `<p:Response xmlns:p="urn:p" xmlns:ds="${XMLDSIG}" ID="r" InResponseTo="q">text<!-- one -->
<Assertion xmlns="urn:a" ID="a"><Issuer>idp<![CDATA[ & ]]>more<b>inner</b></Issuer><ds:Signature Id="s"><ds:SignedInfo>
<ds:Reference URI="#a"><ds:Transforms><ds:Transform Algorithm="t1"/><ds:Transform ds:Algorithm="t2"/></ds:Transforms>
<ds:DigestMethod Algorithm="d"/></ds:Reference></ds:SignedInfo><ds:Object><Assertion ID="b"><ds:Signature/></Assertion></ds:Object>
</ds:Signature><?pi data?><ds:KeyInfo/></Assertion><Signature xmlns="urn:other" id="a"><!-- two --><Signature xmlns=""/></Signature>
<p:Assertion p:ID="a"><Transform algorithm="t3">x</Transform></p:Assertion></p:Response>`;

/** Questions of every form that is answered without `xpath`; each has an answer in the document above. */
export const SELF_CHECK_QUESTIONS: readonly string[] = [
  `.//*[local-name(.)='Signature' and namespace-uri(.)='${XMLDSIG}']`,
  ".//*[local-name(.)='Signature']",
  `./*[local-name(.)='SignedInfo' and namespace-uri(.)='${XMLDSIG}']`,
  "./*[local-name(.)='Assertion']",
  "//*[local-name(.)='Transform']/@Algorithm",
  ".//*[local-name(.)='DigestMethod']/@Algorithm",
  "//*[local-name()='Signature']",
  ".//*[local-name(.)='Issuer']/text()",
  "/*[local-name()='Response']/*[local-name()='Assertion']",
  "/*[local-name()='Response']/@InResponseTo",
  "//*[@*[local-name(.)='ID']='a']",
  "//*[@*[local-name(.)='Id']='s']",
  '//*[@ID="a"]',
  './/comment()',
];

/**
 * Asks two ways of answering the same questions, from each of the nodes, and one of them from the first node in every form that there is.
 * That is enough of it: `xpath` takes about half a millisecond for an answer, and somebody may be waiting for the thread that starts.
 * @returns the first question that they answer differently, or that one of them cannot answer; undefined when they agree
 */
export function firstDifference<Node>(
  nodes: readonly [Node, ...Node[]],
  one: Asked<Node>,
  other: Asked<Node>,
): string | undefined {
  const [form = ''] = SELF_CHECK_QUESTIONS;
  if (!sameNodes(inEveryForm(form, nodes[0], one), inEveryForm(form, nodes[0], other))) return form;
  const answer = (asked: Asked<Node>, question: string, node: Node) => asked.selectWithResolver(question, node, null);
  return SELF_CHECK_QUESTIONS.find(
    (question) => !nodes.every((node) => sameNodes(answer(one, question, node), answer(other, question, node))),
  );
}

/** One node three times, then a list of them. */
function inEveryForm<Node>(question: string, node: Node, asked: Asked<Node>): unknown {
  const list = asked.select(question, node);
  const single = [asked.select(question, node, true), asked.selectWithResolver(question, node, null, true)];
  return Array.isArray(list) && [...single, asked.select1(question, node), ...list];
}

function sameNodes(some: unknown, others: unknown): boolean {
  if (!Array.isArray(some) || !Array.isArray(others)) return false;
  return some.length === others.length && some.every((node, index) => node === others[index]);
}
