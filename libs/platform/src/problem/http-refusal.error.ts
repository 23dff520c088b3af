/**
 * A request that HTTP itself refuses, before any rule of Gatebook is asked: media types, encodings, sizes, addresses.
 * `message` is shown to the caller.
 */
export class HttpRefusalError extends Error {
  constructor(
    readonly status: number,
    /** Stable, kebab-case. */
    readonly code: string,
    message: string,
  ) {
    super(message);
    this.name = 'HttpRefusalError';
  }
}
