import { DomainError } from '#libs/kernel';

/** Where an operator permits what is refused by default. */
export const EGRESS_ALLOW = 'GATEBOOK_EGRESS_ALLOW';

/** Every way in which an outbound request does not take place or does not end well. `message` names the host at most: paths and queries may hold secrets. */
export abstract class EgressError extends DomainError {}

/** The guard does not send this request. Nothing was sent, or, after a redirect, nothing more. */
export class EgressRefusedError extends EgressError {
  readonly kind = 'invalid';
  constructor(
    readonly code: 'egress-url-refused' | 'egress-address-refused' | 'egress-redirect-refused',
    message: string,
  ) {
    super(message);
  }
}

/** The other side was not found, did not answer in time, or answered with more than was accepted. Trying again later may help. */
export class EgressFailedError extends EgressError {
  readonly kind = 'unavailable';
  constructor(
    readonly code: 'egress-unresolvable' | 'egress-unreachable' | 'egress-timeout' | 'egress-too-large',
    message: string,
  ) {
    super(message);
  }
}

/** An entry of the operator's list cannot be read. The server does not start with a list that means less or more than was meant. */
export class EgressAllowError extends EgressError {
  readonly code = 'egress-allow-invalid';
  readonly kind = 'invalid';
  constructor(entry: string) {
    super(
      `${EGRESS_ALLOW} holds "${entry.slice(0, 100)}", which is no host, host:port, address or network (10.0.0.0/8). Separate entries by commas.`,
    );
  }
}
