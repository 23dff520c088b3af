import type { ReadinessAnswer, ReadinessReport } from '#libs/platform';
import type { Upstream } from './upstream.js';

/** Longest wait for one instance, in milliseconds. */
const ASK_TIMEOUT_MS = 2_000;

/** What an instance says of itself; `null` when it says nothing. */
type Said = Pick<ReadinessReport, 'ready'> & { readonly checks?: ReadinessReport['checks'] };

/** Asks every instance of every server. The whole is ready when each server has an instance that is. */
export async function readinessOf(upstreams: Iterable<Upstream>): Promise<ReadinessReport> {
  const answers = await Promise.all([...upstreams].map(async (one) => [one.name, await readiness(one)] as const));
  return { ready: answers.every(([, { ready }]) => ready), checks: Object.fromEntries(answers) };
}

async function readiness({ instances }: Upstream): Promise<ReadinessAnswer> {
  const said = await Promise.all(instances.map(ask));
  const count = said.filter((one) => one?.ready).length;
  const missing = new Set(said.flatMap(whatIsMissing));
  const reasons = missing.size > 0 ? `: ${[...missing].sort().join(', ')}` : '';
  return { ready: count > 0, detail: `${count} of ${instances.length} ready${reasons}` };
}

async function ask(origin: string): Promise<Said | null> {
  try {
    const answer = await fetch(`${origin}/health/ready`, {
      signal: AbortSignal.timeout(ASK_TIMEOUT_MS),
      redirect: 'error',
    });
    return (await answer.json()) as Said;
  } catch {
    return null;
  }
}

function whatIsMissing(said: Said | null): string[] {
  if (said === null) return ['no answer'];
  return Object.entries(said.checks ?? {}).flatMap(([name, { ready }]) => (ready ? [] : [name]));
}
