/** Lower-cases a text. Characters that merely fold to ASCII letters stay as they are: nobody becomes `mike` by writing it with a Kelvin sign. */
export function lowerCase(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: ASCII begins with them
  if (/^[\x00-\x7f]*$/.test(text)) return text.toLowerCase();
  const lower = (character: string) => {
    const folded = character.toLowerCase();
    return character > '\x7f' && /[\x20-\x7e]/.test(folded) ? character : folded;
  };
  return [...text].map(lower).join('');
}
