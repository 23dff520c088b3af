import { DomainError } from '#libs/kernel';

/** The demo would be reachable from other machines, where anyone could sign in as anyone. */
export class NotLoopbackError extends DomainError {
  readonly code = 'demo-idp-not-loopback';
  readonly kind = 'invalid';

  constructor(host: string) {
    super(
      `The demo identity provider lets anyone sign in as anyone, so it runs only on loopback, not on "${host}". Use localhost, 127.0.0.1 or [::1]; elsewhere connect a real identity provider.`,
    );
  }
}

/** The base address cannot carry the demo's routes. */
export class BaseUrlError extends DomainError {
  readonly code = 'demo-idp-base-url';
  readonly kind = 'invalid';

  constructor() {
    super(
      'The base URL of the demo identity provider must be like http://127.0.0.1:3000/demo-idp: path /demo-idp, nothing after it.',
    );
  }
}

/** The key file exists but does not hold a private key and its certificate. */
export class KeyFileError extends DomainError {
  readonly code = 'demo-idp-key-file';
  readonly kind = 'unavailable';

  constructor(file: string, options?: ErrorOptions) {
    super(
      `${file} does not hold a private key with its certificate. Delete it and start again: a new key is made, and the demo configuration takes it over.`,
      options,
    );
  }
}

/** Nobody registered the service provider that asks, or it asks for the answer to go elsewhere. */
export class UnknownServiceProviderError extends DomainError {
  readonly code = 'demo-idp-unknown-service-provider';
  readonly kind = 'invalid';

  constructor(problem: string) {
    super(`${problem}. The demo identity provider answers only the service providers that it was started with.`);
  }
}

/** A form field is missing, repeated, too long or not one of the choices. */
export class FormFieldError extends DomainError {
  readonly code = 'demo-idp-form-field';
  readonly kind = 'invalid';

  constructor(field: string, problem: string) {
    super(`The field ${field} ${problem}. Go back and choose again.`);
  }
}

/** A replay needs an earlier answer. */
export class NothingToReplayError extends DomainError {
  readonly code = 'demo-idp-nothing-to-replay';
  readonly kind = 'conflict';

  constructor() {
    super(
      'Nothing was sent for this person yet, so there is nothing to send again. Sign in once as this person, then replay.',
    );
  }
}
