import { DomainError } from '#libs/kernel';
import { InvalidRequestError, STATUS_OF_KIND } from '#libs/platform';

/** A refusal as a form shows it above itself. */
export interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

/**
 * What a person reads who entered something that is refused.
 * @throws the error itself where it is not for them
 */
export function refusalOf(error: unknown): Refusal {
  if (!(error instanceof DomainError) || error.kind === 'unauthenticated' || error.kind === 'unavailable') throw error;
  const { kind, code } = error;
  const message = error instanceof InvalidRequestError ? problemsOf(error) : error.message;
  return { status: STATUS_OF_KIND[kind], code, message };
}

const problemsOf = ({ errors }: InvalidRequestError): string =>
  errors.map(({ field, problem }) => `“${field}” ${problem}.`).join(' ');
