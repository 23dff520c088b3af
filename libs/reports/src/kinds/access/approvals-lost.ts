import type { ElevationApproved, ElevationExtended } from '#libs/contracts';
import { type SealedEvent, streamName } from '#libs/kernel';
import type { GrantOrigin } from '#libs/read-model';
import { readBodies } from '../../events/read-bodies.js';
import { Tally } from '../../histories/tally.js';
import type { Question } from '../../question.js';
import type { Counts, ReportSource } from '../../report-kind.js';
import { approvalsUnseen } from './approvals-lost.queries.js';
import type { WalkedGrant } from './grant-walk.queries.js';

/** A grant, and where it comes from. */
export interface OriginatedGrant {
  readonly grant: Pick<WalkedGrant, 'account'>;
  readonly origin: GrantOrigin | undefined;
}

const ELEVATION = 'elevation:';

const elevationOf = ({ origin }: OriginatedGrant): string | null =>
  origin?.givenBy.startsWith(ELEVATION) ? origin.givenBy.slice(ELEVATION.length) : null;

/**
 * Looks for approvals of elevations that the log has and the read model lacks: grants come by few of them. Answers what to count for a grant.
 * Approvals by nobody, where nobody needed to, are nobody's.
 */
export async function lostApprovals(
  source: ReportSource,
  question: Question,
  grants: readonly OriginatedGrant[],
): Promise<(grant: OriginatedGrant) => Counts> {
  const { tenant } = question;
  const elevations = grants.flatMap((one) => {
    const elevation = elevationOf(one);
    if (elevation === null) return [];
    return [{ account: one.grant.account, stream: streamName({ category: 'elevation', tenant, id: elevation }) }];
  });
  const unseen = await approvalsUnseen(source.database, question, elevations);
  const events = (await readBodies(source, unseen, false)) as readonly (SealedEvent &
    (ElevationApproved | ElevationExtended))[];
  const lost = new Set(events.flatMap(({ data }) => (data.by === null ? [] : [data.elevation])));
  return (grant) => new Tally().addIf(lost.has(elevationOf(grant) ?? ''), 'flag.unknownApproval').counts;
}
