import {
  ada,
  assigned,
  bo,
  by,
  Chronicle,
  doneBy,
  linked,
  manually,
  olga,
  onEveryDatabase,
  provisioned,
  signedIn,
  signInId,
  yusuf,
} from '#libs/testing';
import {
  askedOf,
  inOneCommand,
  markingReader,
  reconciles,
  reportOf,
  wholeStoreOf,
} from '../../events/told-history.fixture.js';
import { sealedHistory } from '../../export/sealed-history.fixture.js';
import { jitAccountsReport } from './jit-accounts.report.js';

const CLAIMS = [{ name: 'groups', values: ['engineers', 'travel'] }];

/** An identity joined by the linking rule of its connection, at a sign-in. */
function linkedByRule() {
  const fact = linked(bo, 'okta', 'bo-at-okta');
  return {
    ...fact,
    event: (at: string) => {
      const { type, data } = fact.event(at);
      return { type, data: { ...(data as object), how: 'verifiedEmail', evidence: signInId(bo), reason: null } };
    },
  };
}

function story() {
  const chronicle = new Chronicle();
  chronicle.record(
    signedIn(ada, 'okta', { version: 3 }),
    provisioned(ada, { evidence: signInId(ada), claims: CLAIMS, ruleVersions: ['engineers@2', 'sales@1'] }), // 1, with 2
    assigned(ada, 'crm.reader', by('okta', 'engineers', { rule: 2 })),
    assigned(ada, 'crm.admin', by('okta', 'engineers', { rule: 3 })), // by another sign-in
    doneBy({ kind: 'account', id: olga.account }, provisioned(bo, { source: manually })),
    signedIn(yusuf),
    provisioned(yusuf, { evidence: signInId(yusuf) }),
    signedIn(bo),
    linkedByRule(), // 8
    linked(bo, 'entra', 'bo-at-entra'),
  );
  return inOneCommand(chronicle.events, 1, 2);
}

const history = story();

onEveryDatabase((open) => {
  const told = sealedHistory({ open, reader: markingReader, storeOf: wholeStoreOf });
  beforeEach(() => told.tell(history));

  it('tells on which evidence an account was made, by which rules, and with which roles', async () => {
    const { rows } = await reportOf(jitAccountsReport, told.source, askedOf(history));

    expect(rows[0]).toEqual({
      recordedAt: '2026-03-02T08:01:00.000Z',
      did: 'created',
      linkedBy: null,
      account: ada.account,
      userName: 'ada@acme.example',
      displayName: 'Ada Okafor',
      email: 'ada@acme.example',
      directory: 'staff',
      connection: 'okta',
      connectionVersion: 3,
      protocol: 'saml',
      issuer: 'http://idp.example/okta',
      subject: 'ada@acme.example',
      assertionId: `_${signInId(ada)}`,
      assertionSha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      certificateSha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      authenticatedAt: '2026-03-02T07:59:58Z',
      authenticationContext: expect.stringContaining('PasswordProtectedTransport'),
      claims: ['groups=engineers', 'groups=travel'],
      rules: ['engineers@2', 'sales@1'],
      matched: [],
      roles: ['crm.reader (engineers@2)'],
      signInEvent: signInId(ada),
      by: expect.stringMatching(/^system:/),
      event: history[1]?.id,
      position: 1,
    });
  });

  it('tells by which rule an identity was joined to an account that was there', async () => {
    const { rows } = await reportOf(jitAccountsReport, told.source, askedOf(history));

    expect(rows).toHaveLength(2);
    expect(rows[1]).toMatchObject({
      did: 'linked',
      linkedBy: 'verifiedEmail',
      account: bo.account,
      subject: 'bo-at-okta',
      signInEvent: signInId(bo),
      claims: ['groups=engineers'],
      position: 8,
    });
  });

  it('says what was not done by a sign-in, and leaves nothing out', async () => {
    const { counts } = await reportOf(jitAccountsReport, told.source, askedOf(history));

    expect(counts).toEqual({ 'listed.events': 2, 'excluded.createdByHand': 1, 'excluded.linkedByHand': 1 });
    expect(await reconciles(jitAccountsReport, told.source, askedOf(history))).toEqual([]);
  });

  it('says so when the evidence is not known', async () => {
    await told.tell(history.slice(1).map((event, position) => ({ ...event, position })));

    const { rows, counts } = await reportOf(jitAccountsReport, told.source, askedOf(history));

    expect(rows[0]).toMatchObject({ account: ada.account, assertionId: null, issuer: 'http://idp.example/okta' });
    expect(counts['flag.unknownEvidence']).toBe(1);
  });

  it('withholds what is personal', async () => {
    const { rows } = await reportOf(jitAccountsReport, told.source, askedOf(history, { personal: false }));

    expect(rows[0]).toMatchObject({
      userName: '[withheld]',
      claims: ['[withheld]'],
      rules: ['engineers@2', 'sales@1'],
    });
    expect(JSON.stringify(rows)).not.toMatch(/Okafor|acme\.example|groups=/);
  });
});
