import { createLog, startFailure } from '#libs/platform';
import { createFront } from './front.js';
import { type FrontSettings, readFrontSettings } from './front.settings.js';

/** How long requests under way may take to end after SIGTERM, in milliseconds. */
const DRAIN_TIMEOUT_MS = 10_000;

function run(settings: FrontSettings): void {
  const { port, host, logLevel } = settings;
  const log = createLog({ level: logLevel });
  const server = createFront(settings, log);
  server.once('error', (error) => refuseStart(error, settings));
  server.listen(port, host, () => log.info({ port, host, servers: [...settings.upstreams.keys()] }, 'listening'));
  const end = () => {
    server.close(() => process.exit(0));
    server.closeIdleConnections();
    setTimeout(() => server.closeAllConnections(), DRAIN_TIMEOUT_MS);
  };
  for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, end);
}

function refuseStart(error: unknown, settings?: FrontSettings): void {
  process.stderr.write(`${startFailure(error, settings) ?? `The front could not start: ${String(error)}`}\n`);
  process.exit(1);
}

try {
  run(readFrontSettings(process.env));
} catch (error) {
  refuseStart(error);
}
