import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { emailOf, GROUPS, writeTenant } from './configuration.js';
import type { Afterwards } from './run-benchmark.js';

/** Gatebook, or a bare library, as the provider knows it. */
export const BENCHMARK_CLIENT = { clientId: 'gatebook', clientSecret: 'a-secret-of-the-benchmarks-only' } as const;

/** What a browser would bring to the provider. */
export interface AuthorizationAsked {
  readonly id: number;
  readonly url: string;
  readonly person: { readonly sub: string; readonly [claim: string]: unknown };
}

/** An OpenID provider in a process of its own. */
export interface ProviderProcess {
  readonly issuer: string;
  /** Signs a person in at the provider. @returns the address at which the browser comes back */
  authorize(url: string, person: string): Promise<string>;
}

/** Starts it; it has one client, which is sent back to one address. */
export async function startProvider(redirectUri: string, afterwards: Afterwards): Promise<ProviderProcess> {
  const child = fork(fileURLToPath(new URL('./openid-provider.process.js', import.meta.url)), [redirectUri], {
    execArgv: [],
  });
  afterwards(() => ended(child));
  const answers = new Map<number, (back: string) => void>();
  const { promise: issuer, resolve, reject } = Promise.withResolvers<string>();
  child.once('exit', (code) => reject(new Error(`The provider ended with code ${code}.`)));
  child.on('message', (message: { issuer?: string; id?: number; back?: string }) => {
    if (message.issuer) resolve(message.issuer);
    if (message.id === undefined) return;
    answers.get(message.id)?.(message.back ?? '');
    answers.delete(message.id);
  });
  let asked = 0;
  const authorize = (url: string, person: string) =>
    new Promise<string>((answered) => {
      asked += 1;
      answers.set(asked, answered);
      child.send({ id: asked, url, person: claimsOf(person) } satisfies AuthorizationAsked);
    });
  return { issuer: await issuer, authorize };
}

/** Writes the configuration of one tenant with one OpenID Connect connection. @returns its path */
export function writeOidcConfiguration(folder: string, issuer: string): string {
  const { clientId, clientSecret } = BENCHMARK_CLIENT;
  return writeTenant(folder, {
    protocol: 'oidc',
    settings: `{ issuer: "${issuer}", clientId: ${clientId}, clientSecret: ${clientSecret} }`,
    names: { given: 'given_name', family: 'family_name' },
  });
}

const claimsOf = (person: string): AuthorizationAsked['person'] => ({
  sub: `id-of-${person}`,
  email: emailOf(person),
  email_verified: true,
  given_name: `First name of ${person}`,
  family_name: `Last name of ${person}`,
  groups: GROUPS,
});

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const exit = new Promise((done) => child.once('exit', done));
  child.disconnect();
  await exit;
}
