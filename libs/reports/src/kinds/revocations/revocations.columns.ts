import type { Column } from '../../column.js';
import { boolean, EVENT_COLUMNS, instant, integer, personal, RECORDED_AT, text } from '../../events/columns.js';

/** Columns of the report on revocations. */
export const REVOCATIONS_COLUMNS: readonly Column[] = [
  RECORDED_AT,
  text(
    'what',
    'What happened: `revoked`: the grant ended; `reduced`: it was given an earlier end; `withheld`: rules and imports must not give the role any more; `suspended`: the account was deactivated, and the grant ceased to count. What ended at a time set beforehand has a row where that was written down as a revocation, as it is of leases, reduced grants and elevations; otherwise only a number in the summary: `grantsEndedByTime`, grants whose end came and that nothing had revoked as far as was known, whether their accounts still counted or not; `accountsEndedByTime`, accounts that were active when their end came (empty where only some roles are asked about).',
  ),
  text('account', 'Id of the account.'),
  personal(text('userName', 'User name of the account at the end of the period.')),
  text('grant', 'Id of the grant; empty for a role that is withheld.'),
  text('role', 'Id of the role.'),
  text('roleName', 'Name of the role at the end of the period.'),
  text('application', 'Application of the role at the end of the period.'),
  boolean('privileged', 'Whether the role was privileged at the end of the period.'),
  text('code', 'Why: the code of the revocation; `reduced`, `withheld` or `deactivated` otherwise.'),
  instant('effectiveAt', 'From when on it held; for a reduction the new end of the grant.'),
  personal(text('reason', 'What was given as the reason; empty where nothing was.')),
  text(
    'evidenceEvent',
    'Id of the event that led to it: a sign-in, a decision of a review, a change of rules; empty where somebody did it by hand.',
  ),
  text('evidence', 'Type of that event.'),
  text('review', 'Id of the access review in which it was decided; empty outside of reviews.'),
  text('reviewItem', 'Id of the item of that review.'),
  text('decidedBy', 'Account that decided in the review; `policy` where nobody answered and the policy did.'),
  text('sourceKind', 'How the grant had been given: `rule`, `manual`, `elevation` or `import`.'),
  text('connection', 'Connection whose rule had given it; empty for other sources.'),
  text('rule', 'Rule that had given it; empty for other sources.'),
  integer('ruleVersion', 'Version of that rule.'),
  instant('grantedAt', 'When the grant began.'),
  text('grantedEvent', 'Id of the event by which it was given.'),
  ...EVENT_COLUMNS,
];
