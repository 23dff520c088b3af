import { InvalidRequestError, isClean, REASON_LENGTH_MAX } from '#libs/platform';

/**
 * A reason as a form sends it: without the carriage returns that forms add; null where none was entered.
 * @throws {InvalidRequestError} when it is too long or holds control characters
 */
export function reasonOf(entered: string): string | null {
  const reason = entered.replaceAll('\r\n', '\n').trim();
  if (reason.length <= REASON_LENGTH_MAX && isClean(reason, true)) return reason === '' ? null : reason;
  const problem = `must be at most ${REASON_LENGTH_MAX} characters without control characters`;
  throw new InvalidRequestError([{ field: 'reason', problem }]);
}
