import { randomBytes } from 'node:crypto';
import {
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  calculatePKCECodeChallenge,
  discovery,
  enableNonRepudiationChecks,
} from 'openid-client';
import { egress } from '#libs/egress';
import { DEFAULT_ALGORITHMS, OidcClient, type OidcSettings } from '#libs/federation';
import { CONNECTION } from './configuration.js';
import { BENCHMARK_CLIENT, type ProviderProcess } from './openid-provider.js';
import { median } from './statistics.js';

const ROUNDS = 20;
const PER_ROUND = 25;
const WARM_UP_ROUNDS = 8;
const SCOPE = 'openid profile email';

/** What binds one sign-in to its browser. */
interface Transaction {
  readonly state: string;
  readonly nonce: string;
  readonly codeVerifier: string;
}

/** One way of sending a browser to the provider and of redeeming what it brings back, until the ID token is verified. */
export interface Exchange {
  readonly name: string;
  begin(transaction: Transaction): Promise<string>;
  /** @returns the subject */
  finish(callbackUrl: URL, transaction: Transaction): Promise<string | undefined>;
}

/** openid-client by itself, with PKCE, nonce, state, and the ID token's signature verified, which it does only when told to. */
export async function bareExchange(issuer: string, redirectUri: string): Promise<Exchange> {
  const { clientId, clientSecret } = BENCHMARK_CLIENT;
  const config = await discovery(new URL(issuer), clientId, clientSecret, undefined, {
    execute: [allowInsecureRequests, enableNonRepudiationChecks],
  });
  return {
    name: 'bare openid-client',
    begin: async ({ state, nonce, codeVerifier }) =>
      buildAuthorizationUrl(config, {
        redirect_uri: redirectUri,
        scope: SCOPE,
        state,
        nonce,
        code_challenge: await calculatePKCECodeChallenge(codeVerifier),
        code_challenge_method: 'S256',
      }).href,
    finish: async (callbackUrl, { state, nonce, codeVerifier }) => {
      const checks = { expectedState: state, expectedNonce: nonce, pkceCodeVerifier: codeVerifier };
      const tokens = await authorizationCodeGrant(config, callbackUrl, { ...checks, idTokenExpected: true });
      return tokens.claims()?.sub;
    },
  };
}

/** The gate's own client with all its checks, outside of the gate. */
export function guardedExchange(issuer: string, redirectUri: string): Exchange {
  const { fetch } = egress({ allow: ['127.0.0.1'] });
  const client = new OidcClient({ fetch, allowHttp: () => true });
  const settings: OidcSettings = {
    ...BENCHMARK_CLIENT,
    connection: CONNECTION,
    issuer,
    redirectUri,
    tokenEndpointAuthMethod: 'client_secret_basic',
    privateKey: null,
    scopes: SCOPE.split(' '),
    userinfo: false,
    tenants: [],
    hostedDomains: [],
    acrValues: [],
    prompt: null,
    maxAgeSeconds: null,
    algorithms: DEFAULT_ALGORITHMS,
    clockSkewSeconds: 60,
    identifyBy: 'sub',
  };
  return {
    name: 'Gatebook’s client alone',
    begin: async (transaction) => (await client.begin(settings, { ...transaction, now: new Date() })).url,
    finish: async (callbackUrl, transaction) =>
      (await client.finish(settings, { ...transaction, callbackUrl, now: new Date() })).subject.value,
  };
}

/** CPU of this process per sign-in, milliseconds, of each way; they take turns. What the provider does is not in it. */
export async function cpuOfExchanges(ways: readonly Exchange[], provider: ProviderProcess): Promise<number[]> {
  const rounds: number[][] = [];
  for (let round = -WARM_UP_ROUNDS; round < ROUNDS; round += 1) {
    const measured: number[] = [];
    for (const way of ways) measured.push(await cpuOfRound(way, provider));
    if (round >= 0) rounds.push(measured);
  }
  return ways.map((_, nth) => median(rounds.map((measured) => measured[nth] ?? Number.NaN)));
}

async function cpuOfRound(way: Exchange, provider: ProviderProcess): Promise<number> {
  const transactions = Array.from({ length: PER_ROUND }, newTransaction);
  const begins = await withCpu(() => Promise.all(transactions.map((transaction) => way.begin(transaction))));
  const backs = await Promise.all(begins.result.map((url, nth) => provider.authorize(url, `p${nth}`)));
  const ends = await withCpu(async () => {
    for (const [nth, back] of backs.entries()) {
      const subject = await way.finish(new URL(back), transactions[nth] as Transaction);
      if (subject !== `id-of-p${nth}`) throw new Error(`${way.name} takes p${nth} for ${subject}.`);
    }
  });
  return (begins.cpu + ends.cpu) / PER_ROUND;
}

async function withCpu<T>(work: () => Promise<T>): Promise<{ readonly cpu: number; readonly result: T }> {
  const before = process.cpuUsage();
  const result = await work();
  const { user, system } = process.cpuUsage(before);
  return { cpu: (user + system) / 1_000, result };
}

const chance = () => randomBytes(32).toString('base64url');
const newTransaction = (): Transaction => ({ state: chance(), nonce: chance(), codeVerifier: chance() });
