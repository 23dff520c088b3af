import { Inject, Injectable } from '@nestjs/common';
import { type AnsweredChange, HeldChanges } from '#libs/configuration';
import { accountDecider, rolesHeld } from '#libs/domain';
import { readAggregate } from '#libs/event-store';
import { type CommandMetadata, streamName } from '#libs/kernel';
import { scopesOfRoles, WRITE_PATH, type WritePath } from '#libs/platform';
import type { ActingPerson } from '../people/acting-as.js';
import { ApproverNotAdminError } from './changes.errors.js';

/** Who answers, and in which request. */
export interface AskingAboutChange {
  readonly metadata: CommandMetadata;
  readonly acting: ActingPerson;
}

/** Answers changes that wait for a second person. */
@Injectable()
export class AnsweringChanges {
  constructor(
    private readonly changes: HeldChanges,
    @Inject(WRITE_PATH) private readonly path: WritePath,
  ) {}

  /**
   * Agrees in the name of an administrator; with the last approval that is needed the change is made before this answers.
   * @param confirm what the consequences ask to confirm
   * @throws {ApproverNotAdminError} for anybody else
   * @throws what `HeldChanges.approve` throws
   */
  async approve(
    id: string,
    { reason, confirm }: { readonly reason: string | null; readonly confirm: string | undefined },
    { metadata, acting }: AskingAboutChange,
  ): Promise<AnsweredChange> {
    const { tenant } = metadata;
    const { account: by, via } = acting;
    if (!(await this.#mayApprove(tenant, by))) throw new ApproverNotAdminError();
    return this.changes.approve(tenant, id, { by, via, reason, confirm, metadata });
  }

  /** Refuses, or takes back one's own. */
  refuse(id: string, reason: string, { metadata, acting }: AskingAboutChange): Promise<AnsweredChange> {
    const { account: by, via } = acting;
    return this.changes.refuse(id, { by, via, reason, metadata });
  }

  async #mayApprove(tenant: string, account: string): Promise<boolean> {
    const stream = streamName({ category: 'account', tenant, id: account });
    const { state } = await readAggregate(this.path, stream, accountDecider);
    return scopesOfRoles(rolesHeld(state, this.path.clock.now().toISOString())).has('admin');
  }
}
