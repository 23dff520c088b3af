/** Precomposed or not, upper or lower case: what people take for the same name compares equal. */
const caseless = (text: string) => text.normalize('NFC').toLowerCase().normalize('NFC');

const asciiLowerCase = (text: string) => text.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());

/** Other characters that some normalisation would turn into an ASCII one, such as the Kelvin sign or a full-width letter. */
const looksAscii = (character: string) =>
  character > '\x7f' && /[\x20-\x7e]/.test(character.normalize('NFKC').toLowerCase());

/**
 * Folds a user name or e-mail address for comparison: case and Unicode composition do not count. A text with characters that merely fold to
 * ASCII letters is compared exactly, so that nobody becomes `mike@…` by writing it with a Kelvin sign.
 * @see Unicode Technical Report 36, section 2; RFC 8265, section 3.3
 */
export function foldCase(text: string): string {
  return [...text].some(looksAscii) ? asciiLowerCase(text) : caseless(text);
}
