import { Inject, Injectable } from '@nestjs/common';
import type { SodViolationDetected } from '#libs/contracts';
import { type FindingCommand, FindingNotFoundError, type FindingState, findingDecider } from '#libs/domain';
import { decideAndAppend, type Outcome, readAggregate } from '#libs/event-store';
import { type CommandMetadata, streamName } from '#libs/kernel';
import { WRITE_PATH, type WritePath } from '#libs/platform';
import { PeopleBehind } from '../people/people-behind.js';
import { type Candidate, findingIdOf } from './candidate.js';
import { FindingOwners } from './finding-owners.js';
import type { Watch } from './watches.js';

type Outcomes = Promise<Outcome<FindingState>>;
type Held = SodViolationDetected['data']['held'];
type WithoutMetadata<C> = C extends FindingCommand ? Omit<C, 'metadata'> : never;

/** The system, where nobody decided. */
const BY_ITSELF = { by: null, via: 'system', mayAdminister: false } as const;

/** Writes findings down. Each command may be given again: what is known already is recognised. */
@Injectable()
export class FindingRecords {
  constructor(
    private readonly owners: FindingOwners,
    private readonly behind: PeopleBehind,
    @Inject(WRITE_PATH) private readonly path: WritePath,
  ) {}

  /** Something stands out. */
  async raise(watch: Watch, candidate: Candidate, metadata: CommandMetadata): Outcomes {
    const { code, account, grant, role, connection, event, since, details } = candidate;
    return this.run(metadata, findingIdOf(watch, candidate), {
      type: 'RaiseFinding',
      data: {
        finding: findingIdOf(watch, candidate),
        kind: watch.kind,
        code,
        policy: watch.policy?.id ?? null,
        policyVersion: watch.policy?.version ?? null,
        account: account ?? null,
        grant: grant ?? null,
        role: role ?? null,
        connection: connection ?? null,
        event: event ?? null,
        since: since ?? null,
        details: details ?? {},
        owner: await this.owners.ownerOf(watch, candidate),
      },
    });
  }

  /** An account holds roles that a policy of segregation of duties keeps apart. */
  async raiseViolation(watch: Watch, account: string, held: Held, metadata: CommandMetadata): Outcomes {
    const candidate = violationOf(account);
    const { id: policy = '', version: policyVersion = 0 } = watch.policy ?? {};
    const finding = findingIdOf(watch, candidate);
    const owner = await this.owners.ownerOf(watch, candidate);
    const data = { finding, policy, policyVersion, account, held, owner };
    return this.run(metadata, finding, { type: 'RaiseSodViolation', data });
  }

  /** A finding holds no more, or what asked for it is gone. `event` says what ended it, where one did. */
  async resolve(
    metadata: CommandMetadata,
    finding: string,
    { code, event }: { readonly code: 'gone' | 'policy-ended'; readonly event: string | null },
  ): Outcomes {
    return this.run(metadata, finding, { type: 'ResolveFinding', data: { ...BY_ITSELF, code, event, reason: null } });
  }

  /** The same, where it is not known whether anybody ever raised it. */
  async resolveIfKnown(metadata: CommandMetadata, finding: string, event: string): Promise<void> {
    try {
      await this.resolve(metadata, finding, { code: 'gone', event });
    } catch (error) {
      if (!(error instanceof FindingNotFoundError)) throw error;
    }
  }

  /** Somebody decides about a finding. @throws what the decider throws */
  async decide(metadata: CommandMetadata, finding: string, command: WithoutMetadata<FindingCommand>): Outcomes {
    const stream = streamName({ category: 'finding', tenant: metadata.tenant, id: finding });
    const { account } = (await readAggregate(this.path, stream, findingDecider)).state;
    const others = [account, 'by' in command.data ? command.data.by : null].filter((one) => one !== null);
    const known = await this.behind.known(
      metadata,
      others.map((one) => `account:${one}`),
    );
    return this.run(known, finding, command);
  }

  /** Anything else that is asked of a finding. */
  run(metadata: CommandMetadata, finding: string, command: WithoutMetadata<FindingCommand>): Outcomes {
    const stream = streamName({ category: 'finding', tenant: metadata.tenant, id: finding });
    return decideAndAppend(this.path, stream, findingDecider, { ...command, metadata } as FindingCommand);
  }
}

/** A violation is one finding for each policy and account, whatever roles make it up. */
export const violationOf = (account: string): Candidate => ({ code: 'violation', account });
