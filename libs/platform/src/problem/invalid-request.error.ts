import { DomainError } from '#libs/kernel';

/** One thing that is wrong with a request. Names the field and never repeats its value. */
export interface FieldProblem {
  /** Path of the field, such as `links[0].subject`. */
  readonly field: string;
  readonly problem: string;
}

/** Fields of a request are missing, unknown or malformed. */
export class InvalidRequestError extends DomainError {
  readonly kind = 'invalid';
  /** @param code the code of the one thing that is wrong, where it has its own */
  constructor(
    readonly errors: readonly FieldProblem[],
    readonly code: string = 'invalid-request',
  ) {
    super('The request does not have the expected form; errors names the fields.');
  }
}
