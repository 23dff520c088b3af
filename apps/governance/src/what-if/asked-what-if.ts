import type { CatalogView } from '#libs/catalog';

/** Where an answer that is not complete stopped. */
export interface Resume {
  readonly part: string;
  /** Id of an account, or a store position. */
  readonly at: string;
}

/** What every kind of what-if is told. */
export interface AskedWhatIf {
  readonly tenant: string;
  readonly catalog: CatalogView;
  /** ISO-8601 UTC with milliseconds. */
  readonly now: string;
  /** Where the replayed days begin. */
  readonly from: string;
  /** Position that the read model has reached. */
  readonly knownAt: number;
  readonly resume: Resume | null;
}

/** How one came out: done, to be gone on with from there, or cut short. */
export type Ending = 'done' | 'cut short' | Resume;
