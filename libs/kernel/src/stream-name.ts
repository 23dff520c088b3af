/** The parts of a stream's name. */
export interface StreamParts {
  /** camelCase, without dashes. */
  readonly category: string;
  readonly tenant: string;
  readonly id: string;
}

/** The reserved tenant that owns facts about the installation itself. */
export const INSTALLATION_TENANT = 'installation';

/** Names the stream of one aggregate: `category-tenant+id`. */
export function streamName({ category, tenant, id }: StreamParts): string {
  return `${category}-${tenant}+${id}`;
}

/**
 * Takes a stream's name apart. The category ends at the first dash, the tenant at the first plus: neither may contain its own mark.
 * @throws {TypeError} when the name has another shape
 */
export function parseStreamName(stream: string): StreamParts {
  const dash = stream.indexOf('-');
  const plus = stream.indexOf('+', dash);
  if (dash < 1 || plus < dash + 2 || plus === stream.length - 1) throw new TypeError(`Not a stream name: ${stream}`);
  return { category: stream.slice(0, dash), tenant: stream.slice(dash + 1, plus), id: stream.slice(plus + 1) };
}
