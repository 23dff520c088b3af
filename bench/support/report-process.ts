import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { MadeReport, Making } from './made-report.js';
import type { Afterwards } from './run-benchmark.js';

/** Makes one report, elsewhere. */
export type ReportElsewhere = (making: Making) => Promise<MadeReport>;

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
  return async (making) => {
    child.send(making);
    const { made } = await answer();
    return made;
  };
}
