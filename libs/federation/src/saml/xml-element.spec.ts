import { parseXml, XmlLimitError, XmlSyntaxError } from './xml-element.js';

const limits = { elements: 10, depth: 3, attributesPerElement: 2 };
const parse = (xml: string) => parseXml(xml, limits);

describe('a small XML document', () => {
  it('has elements with names, attributes, children and text', () => {
    const root = parse('<a x="1" y="&lt;2&gt;">one<b/>two &amp; three</a>');
    expect(root).toMatchObject({ namespace: '', local: 'a', text: 'onetwo & three' });
    expect([...root.attributes]).toEqual([
      ['x', '1'],
      ['y', '<2>'],
    ]);
    expect(root.children).toMatchObject([{ local: 'b', text: '' }]);
  });

  it('has namespaces by prefix and by default, each where it was declared', () => {
    const root = parse('<p:a xmlns:p="urn:p" xmlns="urn:d"><b xmlns="urn:e"><c/></b><b xmlns=""/></p:a>');
    expect(root.namespace).toBe('urn:p');
    expect(root.children.map(({ namespace }) => namespace)).toEqual(['urn:e', '']);
    expect(root.children[0]?.children[0]?.namespace).toBe('urn:e');
    expect(parse('<a xmlns="urn:d"><b xmlns:p="urn:p"><p:c/></b></a>').children[0]?.children[0]?.namespace).toBe(
      'urn:p',
    );
  });

  it('has a text in one piece however long it is', () => {
    const text = 'abc &#228; '.repeat(20_000);
    expect(parse(`<a>${text}</a>`).text).toBe('abc ä '.repeat(20_000));
  });

  it.each([
    ['', 'nothing'],
    ['a', 'text alone'],
    ['<a>', 'no end'],
    ['<a></b>', 'another end'],
    ['<a/><b/>', 'two roots'],
    ['<a/>b', 'text behind the root'],
    ['<a x=1/>', 'no quotation marks'],
    ['<a>&b;</a>', 'an unknown entity'],
    ['<a>&nbsp;</a>', 'an entity of HTML'],
    ['<p:a/>', 'an unknown prefix'],
    ['<a p:x="1"/>', 'an unknown prefix of an attribute'],
    ['<constructor:a/>', 'a prefix that every object has'],
    ['<a:b:c xmlns:a="urn:a"/>', 'two prefixes'],
    ['<a xmlns:xml="urn:a"/>', 'another meaning of xml'],
    ['<a xmlns:xmlns="urn:a"/>', 'another meaning of xmlns'],
    ['<a xmlns:p=""/>', 'a prefix without a namespace'],
  ])('%s is refused: %s', (xml) => {
    expect(() => parse(xml)).toThrow(XmlSyntaxError);
  });

  it.each([
    [`<a>${'<b/>'.repeat(10)}</a>`, 'elements'],
    ['<a><b><c><d/></c></b></a>', 'depth'],
    ['<a x="" y="" z=""/>', 'attributes'],
  ])('%s is refused: too many %s', (xml) => {
    expect(() => parse(xml)).toThrow(XmlLimitError);
  });

  it('fits up to the limits', () => {
    expect(parse(`<a x="" y="">${'<b/>'.repeat(7)}<b><c/></b></a>`).children).toHaveLength(8);
  });
});
