/** A notice was not taken over. `final`: trying again would not help. Says nothing about the address. */
export class NoticeDeliveryError extends Error {
  constructor(
    readonly code: 'no-address' | 'refused' | 'unreachable' | 'no-channel' | 'recipient-gone',
    readonly final: boolean,
    options?: ErrorOptions,
  ) {
    super(`The notice was not delivered (${code}).`, options);
  }
}
