import type { ConnectionState } from '#libs/domain';
import type { Authentication } from '#libs/identity';

/** What sources call the contexts that an application requires: aliases such as `mfa` become whatever the connection says they stand for. */
export function namesOfContexts(required: readonly string[], connection: Pick<ConnectionState, 'settings'>): string[] {
  const aliases = connection.settings?.authenticationContexts ?? {};
  return [
    ...new Set(required.flatMap((name) => [name, ...(Object.hasOwn(aliases, name) ? (aliases[name] ?? []) : [])])),
  ];
}

/** Whether a sign-in meets any of the contexts; none required is met by every sign-in. */
export function meetsContext(
  { context, methods }: Authentication,
  required: readonly string[],
  connection: Pick<ConnectionState, 'settings'>,
): boolean {
  if (required.length === 0) return true;
  const names = new Set(namesOfContexts(required, connection));
  return (context !== null && names.has(context)) || methods.some((method) => names.has(method));
}
