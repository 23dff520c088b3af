/** Tells the time; the only source of "now" outside tests. */
export interface Clock {
  now(): Date;
}
