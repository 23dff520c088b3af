/**
 * Makes a report in a process of its own, so that its memory is that of a report and not of whoever wrote the rows. It opens its engine
 * while the log is empty, says that it is ready, and waits for the tenant to report on.
 */
import { createLog, openEngine, readEnvironment } from '#libs/platform';
import { makeReport } from './made-report.js';
import type { ReportAsked } from './report-process.js';

const log = createLog({ level: 'error', readable: true, destination: process.stderr });
const engine = await openEngine({ environment: readEnvironment(process.env), log });
process.on('disconnect', () => process.exit());
process.once('message', async ({ tenant, rowsBetween }: ReportAsked) => {
  try {
    const made = await makeReport(engine, tenant, rowsBetween);
    process.send?.({ made });
  } catch (error) {
    console.error(error);
    process.exit(1);
  }
});
process.send?.({ ready: true });
