/**
 * What an OpenID Connect sign-in costs from end to end: `GET /login/{connection}`, the code that the provider gives the browser, and the
 * call with it until the 303; on a whole Gatebook in one process over a PostgreSQL with fsync. Between them Gatebook redeems the code and
 * verifies an ID token with 20 groups. First sign-ins create the account and grant 3 roles; repeated ones change nothing. CPU is that of the
 * server with all its threads, and of PostgreSQL, until the read model has caught up. The provider is a process of its own and not counted.
 * Baseline of the same run: bare openid-client doing the same exchange with the same provider, signature of the ID token included; beside it
 * Gatebook's own client without anything behind it, which says what its additional checks cost.
 * `npm run bench -- oidc-sign-in [--sign-ins N] [--only embedded | postgres]`
 */
import { readArguments } from './support/arguments.js';
import { CONNECTION } from './support/configuration.js';
import { cpuOfOne, startOneProcess } from './support/installations.js';
import { conditions, say } from './support/machine.js';
import { OidcDriver } from './support/oidc-driver.js';
import { bareExchange, cpuOfExchanges, guardedExchange } from './support/oidc-exchanges.js';
import { startProvider, writeOidcConfiguration } from './support/openid-provider.js';
import { runBenchmark } from './support/run-benchmark.js';
import { freePort } from './support/server-process.js';
import { type Cell, measureCell, nextPeople, rowOf, type Subject, signInAll } from './support/sign-in-cells.js';

const { numbers, only } = readArguments({ 'sign-ins': { default: 300, least: 10, most: 10_000 } }, [
  'embedded',
  'postgres',
]);
const SIGN_INS = numbers['sign-ins'];
const CONCURRENCY = [1, 4, 8] as const;

async function measure(subject: Subject): Promise<Cell[]> {
  const known = nextPeople(SIGN_INS);
  await signInAll(subject.driver, known, 4);
  await signInAll(subject.driver, known, 4);
  const cells: Cell[] = [];
  for (const callers of CONCURRENCY) {
    say(`${callers} callers`);
    cells.push(await measureCell(subject, 'first', nextPeople(SIGN_INS), callers));
    cells.push(await measureCell(subject, 'repeated', known, callers));
  }
  return cells;
}

for (const kind of ['postgres', 'embedded'] as const) {
  if ((only ?? 'postgres') !== kind) continue;
  await runBenchmark(async (afterwards) => {
    const port = await freePort();
    const redirectUri = `http://localhost:${port}/login/${CONNECTION}/callback`;
    const provider = await startProvider(redirectUri, afterwards);
    const ways = [await bareExchange(provider.issuer, redirectUri), guardedExchange(provider.issuer, redirectUri)];
    say('exchanges alone');
    const [bareMs = Number.NaN, guardedMs = Number.NaN] = await cpuOfExchanges(ways, provider);
    const configure = (folder: string) => writeOidcConfiguration(folder, provider.issuer);
    const env = { GATEBOOK_EGRESS_ALLOW: '127.0.0.1' };
    const installation = await startOneProcess({ kind, port, configure, env }, afterwards);
    if (!installation) return;
    const driver = new OidcDriver(installation.url, provider);
    afterwards(() => driver.close());
    console.log(`\noidc-sign-in, ${installation.name}: ${conditions(`${SIGN_INS} sign-ins per cell`)}`);
    console.log(
      `exchange and verification alone: bare openid-client ${bareMs.toFixed(2)} ms CPU, Gatebook's client ${guardedMs.toFixed(2)} ms (${(guardedMs / bareMs).toFixed(2)} times)`,
    );
    const cells = await measure({ driver, cpu: () => cpuOfOne(installation) });
    console.table(cells.map((cell) => rowOf(cell, { name: 'bare openid-client', ms: bareMs })));
  });
}
