import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { GrantedTenant } from './granted-tenant.js';
import type { MadeReport } from './made-report.js';
import type { Afterwards } from './run-benchmark.js';

/** What the process is asked for. */
export interface ReportAsked {
  readonly tenant: GrantedTenant;
  readonly rowsBetween: number;
}

/** Makes one report, elsewhere. */
export type ReportElsewhere = (asked: ReportAsked) => Promise<MadeReport>;

/** Starts a process that makes one report, under the same Node and flags as this one. @param env where its database is */
export async function startReportProcess(
  env: Readonly<Record<string, string>>,
  afterwards: Afterwards,
): Promise<ReportElsewhere> {
  const child = fork(fileURLToPath(new URL('./report.process.js', import.meta.url)), {
    env: { PATH: process.env['PATH'], ...env },
  });
  const ended = once(child, 'exit');
  afterwards(async () => {
    if (child.connected) child.disconnect();
    await ended;
  });
  const answer = async (): Promise<{ readonly made: MadeReport }> => {
    const [came] = await Promise.race([once(child, 'message'), ended.then(([code]) => [{ code }])]);
    if ('code' in came) throw new Error(`The process that makes the report ended with code ${came.code}.`);
    return came;
  };
  await answer();
  return async (asked) => {
    child.send(asked);
    const { made } = await answer();
    return made;
  };
}
