/**
 * Joins texts into bytes that can be taken apart in one way only: each text is preceded by its length in bytes (4 bytes, big endian),
 * so that ('a', 'bc') and ('ab', 'c') differ.
 * @throws {TypeError} for a text with a lone surrogate: UTF-8 would replace it, and two different texts would become one
 */
export function lengthPrefixed(...texts: readonly string[]): Buffer {
  return Buffer.concat(texts.flatMap((text) => [lengthOf(text), Buffer.from(text, 'utf8')]));
}

function lengthOf(text: string): Buffer {
  if (!text.isWellFormed()) throw new TypeError('A text to be hashed or authenticated holds a lone surrogate.');
  const length = Buffer.alloc(4);
  length.writeUInt32BE(Buffer.byteLength(text, 'utf8'));
  return length;
}
