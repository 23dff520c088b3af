/** A form of a page: where it goes, and what it holds before a person types. */
export interface PageForm {
  readonly id: string | null;
  readonly action: string;
  readonly method: 'GET' | 'POST';
  /** Name → value of every input that has a name, buttons included. */
  readonly fields: Readonly<Record<string, string>>;
}

/** Most characters of a page that are looked at; a signed answer with its page has about ten thousand. */
const PAGE_LENGTH_MAX = 1_000_000;

/** Forms of a page in their order, whatever the case of the tags. Enough of HTML for pages that we and Keycloak make. */
export function formsOf(page: string, base: string): PageForm[] {
  if (page.length > PAGE_LENGTH_MAX) throw new Error(`A page of ${page.length} characters is not looked at.`);
  return [...page.matchAll(/<form\b([^>]*)>(.*?)<\/form>/gis)].map(([, head = '', body = '']) => {
    const form = attributesOf(head);
    const inputs = [...body.matchAll(/<(?:input|button)\b([^>]*)>/gi)].map(([, input = '']) => attributesOf(input));
    return {
      id: form.get('id') ?? null,
      action: new URL(form.get('action') ?? '', base).href,
      method: form.get('method')?.toUpperCase() === 'POST' ? 'POST' : 'GET',
      fields: Object.fromEntries(
        inputs.flatMap((input) => (input.has('name') ? [[input.get('name'), input.get('value') ?? '']] : [])),
      ),
    };
  });
}

/** Where the link of a page with an id leads; undefined when there is none. */
export function linkOf(page: string, id: string, base: string): string | undefined {
  const links = [...page.matchAll(/<a\b([^>]*)>/gi)].map(([, head = '']) => attributesOf(head));
  const href = links.find((link) => link.get('id') === id)?.get('href');
  return href === undefined ? undefined : new URL(href, base).href;
}

function attributesOf(tag: string): Map<string, string> {
  const found = tag.matchAll(/([\w-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g);
  return new Map([...found].map(([, name = '', one, other]) => [name.toLowerCase(), unescaped(one ?? other ?? '')]));
}

const NAMED: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' };

function unescaped(text: string): string {
  return text.replaceAll(/&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|(lt|gt|quot|apos|amp));/gi, (whole, hex, decimal, name) => {
    if (name) return NAMED[String(name).toLowerCase()] ?? whole;
    return String.fromCodePoint(hex ? Number.parseInt(hex, 16) : Number(decimal));
  });
}
