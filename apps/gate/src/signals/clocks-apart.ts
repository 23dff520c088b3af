/** How far the clocks of a source and of this installation may be apart, in milliseconds. */
export const CLOCKS_APART_MS = 60_000;
