import { DomainError } from '#libs/kernel';

/** The environment variables do not describe something that can run. Names every problem; repeats no value. */
export class EnvironmentRefusedError extends DomainError {
  readonly code = 'environment-refused';
  readonly kind = 'invalid';
  constructor(readonly problems: readonly string[]) {
    super(`The environment is not usable:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
  }
}
