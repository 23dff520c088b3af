import { DomainError } from '#libs/kernel';

/** There is no such thing, or the caller must not know that there is: the answer is the same. */
export class NotFoundError extends DomainError {
  readonly code = 'not-found';
  readonly kind = 'notFound';
  /** @param what kind of thing, in one word; never an id from another tenant */
  constructor(what = 'resource') {
    super(`There is no such ${what}, or it is not yours to see.`);
  }
}
