import type { Scope } from '#libs/contracts';
import type { Actor } from '#libs/kernel';

/** Who makes a request, and what they may do. */
export interface Caller {
  readonly actor: Actor;
  /** The tenant that the caller belongs to; `null` for a key of the installation, which sees every tenant. */
  readonly tenant: string | null;
  readonly scopes: ReadonlySet<Scope>;
  /** A bearer key, or a person's session by cookie (whose writes need a CSRF token). */
  readonly via: 'key' | 'session';
}
