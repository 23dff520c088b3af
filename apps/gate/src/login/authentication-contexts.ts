import type { ConnectionSettings } from '#libs/contracts';

/** Authentication contexts that one request may ask for. */
const CONTEXTS_MAX = 10;

/** What an identity provider is asked for: the words of the request, with the connection's aliases replaced by what they stand for. */
export function requestedContexts(
  asked: string | undefined,
  { authenticationContexts }: Pick<ConnectionSettings, 'authenticationContexts'>,
): string[] {
  const words = (asked ?? '').split(/\s+/).filter((word) => /^[\x21-\x7e]{1,1024}$/.test(word));
  const meant = (word: string) =>
    Object.hasOwn(authenticationContexts, word) ? (authenticationContexts[word] ?? []) : [word];
  return [...new Set(words.flatMap(meant))].slice(0, CONTEXTS_MAX);
}
