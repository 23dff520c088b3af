import { Inject, Injectable } from '@nestjs/common';
import type { Response } from 'express';
import type { Catalog } from '#libs/catalog';
import { previewIdentity } from '#libs/configuration';
import { ownedDomains } from '#libs/domain';
import type { VerifiedIdentity } from '#libs/federation';
import { CATALOG, Pages } from '#libs/platform';
import { presented } from '../sign-in/stated-claims.js';
import { ConnectionSetups } from './connection-setups.js';
import { setupPageOf } from './setup-token.js';
import { testSignInPage } from './test-sign-in.page.js';

/** Shows what a sign-in that somebody tried out would come to. Nothing of it is kept, and nobody is let in. */
@Injectable()
export class TestSignIns {
  constructor(
    private readonly pages: Pages,
    private readonly setups: ConnectionSetups,
    @Inject(CATALOG) private readonly catalog: Catalog,
  ) {}

  /** @throws {SetupLinkInvalidError} when the link's time is over meanwhile */
  async show(
    response: Response,
    tried: { readonly connection: string; readonly identity: VerifiedIdentity; readonly setupLink: string },
  ): Promise<void> {
    const { identity, setupLink } = tried;
    const { connection } = await this.setups.stillUsed(tried.connection, setupLink);
    const { settings, tenant } = connection;
    const liveRoles = this.catalog.lastRead().liveRoles(tenant);
    // as if it were switched on: that is what somebody wants to know before switching it on
    const previewed = { enabled: true, settings, ownedDomains: ownedDomains(connection), liveRoles };
    const preview = previewIdentity(previewed, presented(identity));
    const backHref = `/setup/${setupPageOf(connection.id, setupLink)}`;
    const body = testSignInPage({ connection, identity, preview, backHref });
    this.pages.send(response, { title: 'Test sign-in', body });
  }
}
