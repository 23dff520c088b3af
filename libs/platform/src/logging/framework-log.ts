import { Logger, PinoLogger } from 'nestjs-pino';
import type { Log } from './log.js';
import { requestLog } from './request-log.js';

/** Parts of the framework that tell of every module and route at each start, and of start errors that the caller gets anyway. */
const TALKATIVE: ReadonlySet<unknown> = new Set([
  'ExceptionHandler',
  'InstanceLoader',
  'NestApplication',
  'NestFactory',
  'RouterExplorer',
  'RoutesResolver',
]);

/** Brings the framework's own messages into the log; those that say nothing to an operator only at level debug. */
class FrameworkLog extends Logger {
  override log(message: unknown, ...rest: unknown[]): void {
    if (TALKATIVE.has(rest.at(-1))) super.debug(message, ...rest);
    else super.log(message, ...rest);
  }

  override error(message: unknown, ...rest: unknown[]): void {
    if (TALKATIVE.has(rest.at(-1))) super.debug(message, ...rest);
    else super.error(message, ...rest);
  }
}

/** Makes the framework's logger over the process's log. */
export function frameworkLog(log: Log): Logger {
  const params = requestLog(log);
  return new FrameworkLog(new PinoLogger(params), params);
}
