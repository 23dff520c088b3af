import type { DeliveryFailure } from './report-deliveries.js';

/** A report did not reach its place. `final`: trying again would not help. Names neither the place nor what is in the report. */
export class ReportDeliveryError extends Error {
  constructor(
    readonly code: DeliveryFailure,
    readonly final: boolean,
    options?: ErrorOptions,
  ) {
    super(`The report was not delivered (${code}).`, options);
  }
}
