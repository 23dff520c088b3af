/** What is known of the use of an account. */
export interface UseOfAccount {
  readonly provisionedAt: Date;
  readonly lastSignInAt: Date | undefined;
  /** How its status went, in order. */
  readonly changes: readonly { readonly status: string; readonly since: Date }[];
}

/** Since when nobody has used an account; instants ISO-8601 UTC with milliseconds. */
export interface Quiet {
  readonly lastSignInAt: string | null;
  readonly reactivatedAt: string | null;
  /** The latest of both, and of the making of the account. */
  readonly since: string;
}

/** Says since when an account had been quiet at an instant. Pure. */
export function quietOf({ provisionedAt, lastSignInAt, changes }: UseOfAccount, asOf: string): Quiet {
  const isBack = ({ status }: { readonly status: string }, index: number) =>
    status === 'active' && changes[index - 1]?.status === 'deactivated';
  const back = changes.filter(isBack).map(({ since }) => since.toISOString());
  const reactivatedAt = back.findLast((at) => at <= asOf) ?? null;
  const signedIn = lastSignInAt?.toISOString() ?? null;
  const moments = [provisionedAt.toISOString(), reactivatedAt, signedIn].filter((at) => at !== null);
  return { lastSignInAt: signedIn, reactivatedAt, since: moments.sort().at(-1) as string };
}
