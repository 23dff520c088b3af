/** From the database's thread to the process, beside the raw answers of the PostgreSQL protocol (`Uint8Array`). */
export type FromWorker = { readonly kind: 'ready' } | { readonly kind: 'failed'; readonly reason: string } | Uint8Array;

/** From the process to the database's thread: whole groups of protocol messages, or the wish to end. */
export type ToWorker = 'close' | Uint8Array;
