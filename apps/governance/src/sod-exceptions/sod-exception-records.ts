import { Inject, Injectable } from '@nestjs/common';
import { v5 as uuidv5 } from 'uuid';
import type { Catalog } from '#libs/catalog';
import {
  PolicyNotFoundError,
  type SodExceptionCommand,
  type SodExceptionState,
  sodExceptionDecider,
} from '#libs/domain';
import { decideAndAppend, type Outcome } from '#libs/event-store';
import { type CommandMetadata, senderOf, streamName } from '#libs/kernel';
import { CATALOG, NotFoundError, WRITE_PATH, type WritePath } from '#libs/platform';
import { ActingPeople } from '../people/acting-as.js';
import { PeopleBehind } from '../people/people-behind.js';
import { Principals } from '../reading/principals.js';
import { NotASodPolicyError, OwnSodExceptionError, SodExceptionOwnerError } from './sod-exceptions.errors.js';

/** Namespace of the ids of exceptions (uuid v5). Fixed for good: one exception, and one stream, for each policy and account. */
const EXCEPTIONS = '2b9e6c1d-8f40-5d3a-a6c7-91d2e5f08b64';

/** What an exception is for, who answers for it, and until when. */
export interface WantedException {
  readonly policy: string;
  readonly account: string;
  readonly owner: string;
  readonly control: string;
  readonly until: string;
  readonly by: string | null;
  readonly reason: string;
}

/** Id of the exception of an account from a policy, whether or not there is one. */
export const exceptionIdOf = (tenant: string, policy: string, account: string): string =>
  uuidv5(JSON.stringify([tenant, policy, account]), EXCEPTIONS);

/** Grants and ends exceptions from segregation of duties. */
@Injectable()
export class SodExceptionRecords {
  constructor(
    private readonly people: ActingPeople,
    private readonly principals: Principals,
    private readonly behind: PeopleBehind,
    @Inject(CATALOG) private readonly catalog: Catalog,
    @Inject(WRITE_PATH) private readonly path: WritePath,
  ) {}

  /**
   * Lets an account hold the roles for a time that the policy keeps apart as it stands now.
   * @throws {PolicyNotFoundError | NotASodPolicyError} for a policy that is not there, or of another kind
   * @throws {NotFoundError} for an account that is not an active one of the tenant
   * @throws {OwnSodExceptionError} when somebody makes it for themselves, in person or through a key that they made
   * @throws {SodExceptionOwnerError} when nobody else would answer for it
   */
  async grant(wanted: WantedException, metadata: CommandMetadata): Promise<Outcome<SodExceptionState>> {
    const { tenant } = metadata;
    const { policy, account, owner, by } = wanted;
    const exception = exceptionIdOf(tenant, policy, account);
    const known = (await this.catalog.current()).policy(tenant, policy);
    if (known?.status !== 'present') throw new PolicyNotFoundError();
    if (known.settings?.kind !== 'sod') throw new NotASodPolicyError();
    if (!(await this.people.isActive(tenant, account))) throw new NotFoundError('account');
    const asking = await this.behind.accountsOf(tenant, [
      senderOf(metadata),
      ...(by === null ? [] : [`account:${by}`]),
    ]);
    if (asking.has(account)) throw new OwnSodExceptionError();
    const answering = await this.principals.find(tenant, owner);
    if (answering === null || answering === account) throw new SodExceptionOwnerError();
    const sets = known.settings.roles;
    return this.run(exception, { type: 'GrantSodException', data: { exception, sets, ...wanted }, metadata });
  }

  /** Anything that is asked of one exception. */
  run(exception: string, command: SodExceptionCommand): Promise<Outcome<SodExceptionState>> {
    const stream = streamName({ category: 'sodException', tenant: command.metadata.tenant, id: exception });
    return decideAndAppend(this.path, stream, sodExceptionDecider, command);
  }
}
