import { createHmac } from 'node:crypto';
import { Inject, Injectable, Logger } from '@nestjs/common';
import type { Catalog } from '#libs/catalog';
import type { Database } from '#libs/database';
import type { Egress } from '#libs/egress';
import { type OpenIdProvider, openIdProvider, signingKeys } from '#libs/openid-provider';
import {
  CATALOG,
  CLOCK,
  type Clock,
  DATABASE,
  describeError,
  EGRESS,
  ENVIRONMENT,
  type Environment,
  KEY_PAIRS,
  KEYRING,
  type Keyring,
} from '#libs/platform';
import { type KeyPairs, serverSecret } from '#libs/vault';
import { ApplicationPeople } from './application-people.js';
import { BroughtAssertions } from './brought-assertions.js';
import { OpAnswers } from './op-answers.js';
import { OpPages } from './op-pages.js';

/** How long the keys are taken to be the ones in force, in milliseconds: another process may have changed them. */
const KEYS_FRESH_MS = 60_000;

/** Path under which people's part of an authorization lies. */
export const INTERACTION_PATH = '/op/interaction';

/** The OpenID provider of this process: made with the first request, and anew whenever the signing keys change. */
@Injectable()
export class OpProvider {
  private readonly log = new Logger(OpProvider.name);
  private made: { readonly provider: Promise<OpenIdProvider>; readonly kids: string } | null = null;
  private freshUntil = 0;
  private checking: Promise<OpenIdProvider> | null = null;

  constructor(
    private readonly people: ApplicationPeople,
    private readonly pages: OpPages,
    private readonly answers: OpAnswers,
    private readonly assertions: BroughtAssertions,
    @Inject(CATALOG) private readonly catalog: Catalog,
    @Inject(DATABASE) private readonly database: Database,
    @Inject(KEYRING) private readonly keyring: Keyring,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(KEY_PAIRS) private readonly pairs: KeyPairs,
    @Inject(EGRESS) private readonly egress: Egress,
    @Inject(ENVIRONMENT) private readonly environment: Environment,
  ) {}

  /** The provider with the signing keys in force. */
  async current(): Promise<OpenIdProvider> {
    if (this.made && this.clock.now().getTime() < this.freshUntil) return this.made.provider;
    this.checking ??= this.renewed().finally(() => {
      this.checking = null;
    });
    return this.checking;
  }

  private async renewed(): Promise<OpenIdProvider> {
    const now = this.clock.now();
    const keys = await signingKeys(this.pairs, now);
    const kids = keys.map(({ kid }) => kid).join(' ');
    if (this.made?.kids !== kids) this.made = { kids, provider: this.make(keys) };
    const provider = await this.made.provider;
    this.freshUntil = now.getTime() + KEYS_FRESH_MS;
    return provider;
  }

  private async make(keys: Awaited<ReturnType<typeof signingKeys>>): Promise<OpenIdProvider> {
    const { people, pages, answers, database, keyring, clock, egress, environment } = this;
    const secret = await serverSecret({ database, keyring, clock }, 'op-cookies');
    return openIdProvider({
      issuer: `${environment.publicUrl}/op`,
      database,
      keyring,
      clock,
      keys,
      cookieKeys: [createHmac('sha256', secret).update('cookies').digest('base64url')],
      fetch: egress.fetch,
      interactionPath: INTERACTION_PATH,
      client: async (id) => (await this.catalog.current()).client(id),
      person: (client, account) => people.claims(client, account),
      isSecret: (client, offered) => people.isSecret(client, offered),
      mayInspect: (asking, owner) => people.mayInspect(asking, owner),
      stands: (grant) => people.stands(grant),
      mayBringAssertions: (client) => this.assertions.mayBring(client),
      bearer: (context, brought) => this.assertions.bring(context, brought, () => this.current()),
      silent: (context) => answers.silent(context),
      answered: (context) => answers.answered(context),
      show: (context, page) => pages.show(context, page),
      failed: (error) => this.log.error({ err: describeError(error) }, 'a request of an application failed'),
    });
  }
}
