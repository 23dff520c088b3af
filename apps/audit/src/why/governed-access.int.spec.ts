/** Why, and why not, where people decided: elevations with who approved them, reviews with what they decided. */
import {
  ada,
  aReview,
  assigned,
  byElevation,
  connectionRegistered,
  decisionId,
  elevationApproved,
  elevationId,
  elevationRequested,
  type Fact,
  grantId,
  historyOf,
  itemDecided,
  itemOf,
  itemOpened,
  keptBack,
  olga,
  provisioned,
  reduced,
  reviewOpened,
  revoked,
  roleDefined,
  rule,
  tenantRegistered,
  withheld,
  writeHistory,
} from '#libs/testing';
import { type AuditServerUnderTest, startAuditServer } from '../audit-server.fixture.js';

const NOW = '2026-03-10T00:00:00.000Z';
const END = '2026-03-09T00:00:00.000Z';

const review = aReview('quarterly');
const revokedItem = itemOf(review, ada, 'crm.admin');
const reducedItem = itemOf(review, ada, 'crm.reader');
const approval: Fact = { ...elevationApproved(ada, 'incident', olga), eventId: decisionId(revokedItem, 99) };
const prodAdmin = assigned(ada, 'prod.admin', byElevation(elevationId(ada, 'incident')), {
  until: END,
  evidence: decisionId(revokedItem, 99),
});

const history = historyOf(
  tenantRegistered('acme'),
  roleDefined('crm.reader'),
  roleDefined('crm.admin'),
  roleDefined('prod.admin'),
  roleDefined('pay.approve'),
  connectionRegistered('okta', [rule('engineers', 'engineers', ['crm.reader', 'crm.admin'])]),
  provisioned(ada),
  assigned(ada, 'crm.admin'),
  assigned(ada, 'crm.reader'),
  elevationRequested(ada, 'another', [olga]),
  elevationRequested(ada, 'incident', [olga]),
  approval,
  prodAdmin,
  reviewOpened(review),
  itemOpened(revokedItem, [olga]),
  itemOpened(reducedItem, [olga]),
  itemDecided(revokedItem, 'revoke', olga),
  revoked(ada, 'crm.admin', { code: 'review', evidence: decisionId(revokedItem) }),
  withheld(ada, 'crm.admin', ['okta/engineers@1'], null, null, decisionId(revokedItem)),
  itemDecided(reducedItem, 'reduce', olga, { until: END }),
  reduced(ada, 'crm.reader', END, { decision: decisionId(reducedItem) }),
  withheld(ada, 'crm.reader', ['okta/engineers@1'], null, END, decisionId(reducedItem)),
  keptBack(ada, [
    {
      policy: 'maker-checker',
      policyVersion: 1,
      keptBack: [{ role: 'pay.approve', rule: 'approvers', ruleVersion: 1 }],
      held: ['pay.create'],
    },
  ]),
);

interface Because {
  readonly kind: string;
  readonly text: string;
  readonly reviewItem?: string | null;
  readonly event: { readonly id: string; readonly type: string };
  readonly detail: Readonly<Record<string, unknown>>;
}

jest.setTimeout(60_000);

describe('the chain of evidence', () => {
  let server: AuditServerUnderTest;
  beforeAll(async () => {
    server = await startAuditServer(NOW);
    await writeHistory(server, history);
    await server.catchUp();
  });
  afterAll(() => server?.close());

  const because = async (path: string): Promise<readonly Because[]> => {
    const { status, body } = await server.get(`/api/v1/access/${path}`, 'acme');
    expect([path, status]).toEqual([path, 200]);
    return (body as { because: readonly Because[] }).because;
  };
  const kinds = (reasons: readonly Because[]) => reasons.map(({ kind, event }) => [kind, event.type]);

  it('of an elevation names who asked for it and who approved it, and no other elevation', async () => {
    const reasons = await because(`${grantId(ada, 'prod.admin')}/why`);
    expect(kinds(reasons)).toEqual([
      ['assigned', 'RolesAssigned'],
      ['elevation', 'ElevationRequested'],
      ['elevation', 'ElevationApproved'],
      ['provisioned', 'UserProvisioned'],
    ]);
    expect(reasons[0]?.text).toBe(`The elevation ${elevationId(ada, 'incident')} gave the role prod.admin for a time.`);
    expect(reasons[1]?.detail).toMatchObject({ policy: 'elevate-prod', by: ada.account });
    expect(reasons[2]?.detail).toMatchObject({ by: olga.account, decidedVia: 'session' });
  });

  it('of a grant that a review revoked ends with what was decided, by whom, in which item', async () => {
    const reasons = await because(`${grantId(ada, 'crm.admin')}/why`);
    expect(kinds(reasons).slice(-2)).toEqual([
      ['revoked', 'AccessRevoked'],
      ['revokedBecause', 'ReviewDecisionRecorded'],
    ]);
    expect(reasons.at(-1)).toMatchObject({
      event: { id: decisionId(revokedItem) },
      detail: { review: review.review, item: revokedItem.item, decision: 'revoke', by: olga.account },
    });
  });

  it('of a grant that a review gave an end tells the end and the decision', async () => {
    const reasons = await because(`${grantId(ada, 'crm.reader')}/why`);
    expect(kinds(reasons).slice(-2)).toEqual([
      ['reduced', 'GrantsReduced'],
      ['reducedBecause', 'ReviewDecisionRecorded'],
    ]);
    expect(reasons.at(-2)?.detail).toMatchObject({ until: END });
    expect(reasons.at(-1)?.detail).toMatchObject({ item: reducedItem.item, decision: 'reduce' });
  });

  it('why not, names the item in which it was decided that the role is withheld', async () => {
    const [first] = await because(`why-not?account=${ada.account}&role=crm.admin`);
    expect(first).toMatchObject({ kind: 'withheld', reviewItem: revokedItem.item });
    const [reducedRole] = await because(`why-not?account=${ada.account}&role=crm.reader`);
    expect(reducedRole).toMatchObject({ kind: 'withheld', reviewItem: reducedItem.item });
    expect(reducedRole?.text).toContain(`since ${END}`);
  });

  it('why not, names the policy that keeps a role back, and the role that stands against it', async () => {
    const [first] = await because(`why-not?account=${ada.account}&role=pay.approve`);
    expect(first).toMatchObject({ kind: 'sod', rule: 'okta/approvers' });
    expect(first?.text).toContain('maker-checker');
    expect(first?.text).toContain('pay.create');
  });
});
