/**
 * Makes a report in a process of its own, so that its memory is that of a report and not of whoever wrote the rows. It opens its engine
 * while the log is empty, says that it is ready, and waits for the tenant to report on.
 */
import { createLog, openEngine, readEnvironment } from '#libs/platform';
import { type Making, makeReport } from './made-report.js';

const log = createLog({ level: 'error', readable: true, destination: process.stderr });
const engine = await openEngine({ environment: readEnvironment(process.env), log });
process.on('disconnect', () => process.exit());
process.once('message', async (making: Making) => {
  try {
    const made = await makeReport(engine, making);
    process.send?.({ made });
  } catch (error) {
    console.error(error);
    process.exit(1);
  }
});
process.send?.({ ready: true });
