import { Inject, Injectable } from '@nestjs/common';
import { type AnsweredChange, type Answering, HeldChanges } from '#libs/configuration';
import { accountDecider, rolesHeld } from '#libs/domain';
import { readAggregate } from '#libs/event-store';
import { type CommandMetadata, streamName } from '#libs/kernel';
import { scopesOfRoles, WRITE_PATH, type WritePath } from '#libs/platform';
import type { ActingPerson } from '../people/acting-as.js';

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
   * @throws what `HeldChanges.approve` throws
   */
  async approve(
    id: string,
    { reason, confirm }: { readonly reason: string | null; readonly confirm: string | undefined },
    { metadata, acting }: AskingAboutChange,
  ): Promise<AnsweredChange> {
    return this.changes.approve(metadata.tenant, id, { ...this.#answering(metadata, acting), reason, confirm });
  }

  /** Refuses in the name of an administrator, or takes back one's own. @throws what `HeldChanges.refuse` throws */
  refuse(id: string, reason: string, { metadata, acting }: AskingAboutChange): Promise<AnsweredChange> {
    return this.changes.refuse(id, { ...this.#answering(metadata, acting), reason });
  }

  #answering(metadata: CommandMetadata, { account: by, via }: ActingPerson): Answering {
    const mayAdminister = (account: string) => this.#mayAdminister(metadata.tenant, account);
    return { by, via, metadata, mayAdminister };
  }

  async #mayAdminister(tenant: string, account: string): Promise<boolean> {
    const stream = streamName({ category: 'account', tenant, id: account });
    const { state } = await readAggregate(this.path, stream, accountDecider);
    return scopesOfRoles(rolesHeld(state, this.path.clock.now().toISOString())).has('admin');
  }
}
