import { Inject, Injectable } from '@nestjs/common';
import { v5 as uuidv5 } from 'uuid';
import type { Catalog } from '#libs/catalog';
import type { AccessRevoked, GrantsReduced, SessionsEnded, SignedOut } from '#libs/contracts';
import type { StoredEvent } from '#libs/event-store';
import { parseStreamName } from '#libs/kernel';
import type {
  ApplicationGrants,
  ClientGiving,
  EndedGrant,
  EndingCode,
  GrantsToEnd,
  LogoutNotice,
  LogoutNotices,
} from '#libs/openid-provider';
import { CATALOG } from '#libs/platform';
import { rolesOf, stillGives } from './application-people.js';
import { ApplicationRecords } from './application-records.js';
import { APPLICATION_GRANTS, LOGOUT_NOTICES } from './op.tokens.js';

/** Categories of the streams whose events may end sessions with applications. */
export const ENDING_CATEGORIES = ['account', 'signOut', 'signal', 'client', 'connection'] as const;

/** Namespace of the ids of notices (a random uuid, fixed for good). */
const NOTICES = '1f0f8f53-70a3-4f4d-8f35-0a5f5f9a4a3e';

/** Ends what applications were given when an event says so. Codes and tokens are refused without it already; this ends sessions for good, records it and tells the applications. */
@Injectable()
export class ApplicationEndings {
  constructor(
    private readonly records: ApplicationRecords,
    @Inject(CATALOG) private readonly catalog: Catalog,
    @Inject(APPLICATION_GRANTS) private readonly grants: ApplicationGrants,
    @Inject(LOGOUT_NOTICES) private readonly notices: LogoutNotices,
  ) {}

  /** Ends what an event ends. Idempotent. */
  async follow(event: StoredEvent): Promise<void> {
    for (const [code, which] of await this.#endedBy(event))
      await this.grants.end(which, { cause: event.id, code, signalledAt: new Date(event.recordedAt) });
  }

  /** Records what has ended, and queues the notices for the applications. @returns how many grants */
  async settle(): Promise<number> {
    const ended = await this.grants.ended();
    for (const together of grouped(ended)) {
      const [{ client: id }] = together;
      const client = (await this.catalog.current()).client(id);
      await this.records.ended(client?.settings?.rolesOf ?? id, together);
      if (client?.settings?.backchannelLogoutUri) await this.notices.add(noticesOf(together));
      await this.grants.forget(together.map(({ grantHash }) => grantHash));
    }
    return ended.length;
  }

  async #endedBy(event: StoredEvent): Promise<[EndingCode, GrantsToEnd][]> {
    const { tenant, id } = parseStreamName(event.stream);
    switch (event.type) {
      case 'UserDeactivated':
      case 'AccountMerged':
        return [['deactivated', { grants: await this.#openOf(tenant, id, event) }]];
      case 'IdentityUnlinked':
        return [['identity-unlinked', { grants: await this.#openOf(tenant, id, event) }]];
      // what was given before may last beyond the new end; asked for again, it does not
      case 'GrantsReduced':
      case 'AccessRevoked':
        return [['access-revoked', { grants: await this.#concernedBy(tenant, id, event) }]];
      case 'SignedOut': {
        const { signIn } = event.data as SignedOut['data'];
        return signIn === null ? [] : [['signed-out', { signIns: [signIn] }]];
      }
      case 'SessionsEnded': {
        const { account, connection, signIns, effectAt } = event.data as SessionsEnded['data'];
        return [['signed-out', signIns === null ? { tenant, connection, account, begunBy: effectAt } : { signIns }]];
      }
      case 'ClientDisabled':
      case 'ClientRemoved':
        return [['client-disabled', { client: id }]];
      case 'ClientChanged':
        return (await this.#lostBy(id)).map((given) => ['client-changed', { client: id, given }]);
      case 'ConnectionDisabled':
      case 'ConnectionRemoved':
        return [['connection-disabled', { tenant, connection: id }]];
      default:
        return [];
    }
  }

  /** Open grants of an account from before one of its events. */
  async #openOf(tenant: string, account: string, { revision: ending }: StoredEvent): Promise<string[]> {
    const open = await this.grants.ofAccount({ tenant, account });
    return open.filter(({ revision }) => revision < ending).map(({ grantHash }) => grantHash);
  }

  /** How a client was given what it would not be given any more. */
  async #lostBy(id: string): Promise<ClientGiving[]> {
    const client = (await this.catalog.current()).client(id);
    const settings = client?.settings;
    if (!settings) return [];
    return (await this.grants.givingsOf(id)).filter((given) => !stillGives({ settings }, given));
  }

  /** Open grants of an account from before a revocation or reduction, of the applications whose roles it took. */
  async #concernedBy(tenant: string, account: string, revocation: StoredEvent): Promise<string[]> {
    const open = await this.grants.ofAccount({ tenant, account });
    const revoked = (revocation.data as (AccessRevoked | GrantsReduced)['data']).grants.map(({ role }) => role);
    const view = await this.catalog.current();
    const concerned = open.filter(({ client: id, revision }) => {
      const client = view.client(id);
      if (!client?.settings) return true;
      const roles = rolesOf(view, { tenant, settings: client.settings }, 'all');
      return revision < revocation.revision && revoked.some((role) => roles.has(role));
    });
    return concerned.map(({ grantHash }) => grantHash);
  }
}

/** What ended together: of one person, with one client, for one reason. */
function grouped(ended: readonly EndedGrant[]): (readonly [EndedGrant, ...EndedGrant[]])[] {
  const groups = new Map<string, [EndedGrant, ...EndedGrant[]]>();
  for (const grant of ended) {
    const key = JSON.stringify([grant.cause, grant.client, grant.tenant, grant.account]);
    const group = groups.get(key);
    if (group) group.push(grant);
    else groups.set(key, [grant]);
  }
  return [...groups.values()];
}

/** One notice for each session of the client that has a name. */
function noticesOf(ended: readonly EndedGrant[]): LogoutNotice[] {
  const named = new Map(ended.filter(({ sid }) => sid !== null).map((grant) => [grant.sid, grant]));
  return [...named.values()].map(({ client, account, sid, cause }) => ({
    id: uuidv5(JSON.stringify([cause, client, account, sid]), NOTICES),
    client,
    account,
    sid,
  }));
}
