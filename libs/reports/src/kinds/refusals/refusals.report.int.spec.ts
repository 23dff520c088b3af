import type { SignInRefused } from '#libs/contracts';
import {
  ada,
  bo,
  type Fact,
  historyOf,
  onEveryDatabase,
  provisioned,
  seededId,
  signInRefused,
  yusuf,
} from '#libs/testing';
import {
  askedOf,
  erasedReader,
  markingReader,
  reconciles,
  reportOf,
  wholeStoreOf,
} from '../../events/told-history.fixture.js';
import { sealedHistory } from '../../export/sealed-history.fixture.js';
import { refusalsReport } from './refusals.report.js';

/** The same refusal, but with other facts. */
const but = (fact: Fact, over: Partial<SignInRefused['data']>): Fact => ({
  ...fact,
  event: (at) => {
    const { type, data } = fact.event(at);
    return { type, data: { ...(data as SignInRefused['data']), ...over } };
  },
});

/** The application crm does not let a person in who is signed in. */
const atCrm = ({ tenant, account }: typeof ada, id = seededId('turned away')): Fact => ({
  category: 'applicationSignInRefusal',
  tenant,
  id,
  eventId: id,
  event: () => ({
    type: 'ApplicationSignInRefused',
    data: {
      account,
      client: 'sales',
      clientVersion: 1,
      application: 'crm',
      connection: 'okta',
      signIn: null,
      code: 'role-required',
    },
  }),
});

const history = historyOf(
  provisioned(ada),
  but(signInRefused(ada, 'group-required', { seed: 1 }), {
    rule: 'engineers-only@2',
    claims: [{ name: 'groups', values: ['sales', 'travel'] }],
    client: { address: '192.0.2.10', userAgent: 'Browser of a test' },
  }),
  signInRefused(yusuf, 'domain-foreign', { seed: 1 }),
  but(signInRefused(bo, 'signature-invalid', { seed: 1 }), {
    account: null,
    verified: false,
    proof: null,
    subject: null,
    count: 7,
  }),
);

onEveryDatabase((open) => {
  const told = sealedHistory({ open, reader: markingReader, storeOf: wholeStoreOf });
  beforeEach(() => told.tell(history));

  it('lists everybody who was turned away, with the reason', async () => {
    const { rows } = await reportOf(refusalsReport, told.source, askedOf(history));

    expect(rows).toEqual([
      {
        recordedAt: '2026-03-02T08:01:00.000Z',
        at: 'gatebook',
        code: 'group-required',
        rule: 'engineers-only@2',
        connection: 'okta',
        connectionVersion: 1,
        application: null,
        verified: true,
        requests: 1,
        firstAt: '2026-03-02T08:01:00.000Z',
        lastAt: '2026-03-02T08:01:00.000Z',
        account: ada.account,
        subject: 'ada@acme.example',
        claims: ['groups=sales', 'groups=travel'],
        address: '192.0.2.10',
        userAgent: 'Browser of a test',
        issuer: 'http://idp.example/okta',
        assertionId: expect.stringMatching(/^_/),
        certificateSha256: expect.stringMatching(/^[0-9a-f]{64}$/),
        signInEvent: null,
        by: 'connection:okta',
        event: history[1]?.id,
        position: 1,
      },
      expect.objectContaining({ code: 'signature-invalid', verified: false, requests: 7, account: null, issuer: null }),
    ]);
  });

  it('counts requests by reason', async () => {
    const question = askedOf(history);
    const { cells, counts } = await reportOf(refusalsReport, told.source, question);

    expect(await refusalsReport.summary?.(told.source, question, { rows: cells.length, counts })).toEqual({
      requests: 8,
      'requests group-required': 1,
      'requests signature-invalid': 7,
    });
    expect(await reconciles(refusalsReport, told.source, question)).toEqual([]);
  });

  it('counts by application what an application refused, and nothing under an application that Gatebook refused', async () => {
    const withApplication = historyOf(provisioned(ada), signInRefused(ada, 'group-required', { seed: 1 }), atCrm(ada));
    await told.tell(withApplication);

    const { rows, counts } = await reportOf(refusalsReport, told.source, askedOf(withApplication));

    expect(rows.map(({ at, application, code }) => [at, application, code])).toEqual([
      ['gatebook', null, 'group-required'],
      ['application', 'crm', 'role-required'],
    ]);
    expect(counts).toMatchObject({ 'listed.events': 2, 'application.crm': 1 });
  });

  it('withholds what is personal', async () => {
    const { rows } = await reportOf(refusalsReport, told.source, askedOf(history, { personal: false }));

    expect(rows[0]).toMatchObject({
      subject: '[withheld]',
      claims: ['[withheld]'],
      address: '[withheld]',
      account: ada.account,
    });
    expect(rows[1]).toMatchObject({ subject: null, claims: null, address: null });
    expect(JSON.stringify(rows)).not.toContain('ada@acme.example');
  });

  it('says of strangers whose data are gone that they are', async () => {
    const source = { ...told.source, reader: erasedReader };
    const { rows } = await reportOf(refusalsReport, source, askedOf(history));

    expect(rows[0]).toMatchObject({
      code: 'group-required',
      subject: '[erased]',
      claims: ['[erased]'],
      address: '[erased]',
    });
    expect(rows[1]).toMatchObject({ subject: null, claims: null });
  });

  it('takes no account of what came after its period, or before it', async () => {
    const [, first, , last] = history.map(({ recordedAt }) => recordedAt);

    const upTo = await reportOf(refusalsReport, told.source, askedOf(history, { asOf: first as string }));
    const after = await reportOf(
      refusalsReport,
      told.source,
      askedOf(history, { from: first as string, asOf: last as string }),
    );

    expect(upTo.rows.map(({ code }) => code)).toEqual(['group-required']);
    expect(after.rows.map(({ code }) => code)).toEqual(['signature-invalid']);
  });

  it('takes no account of what was not known yet', async () => {
    const { rows } = await reportOf(refusalsReport, told.source, askedOf(history, { knownAt: 2 }));

    expect(rows.map(({ code }) => code)).toEqual(['group-required']);
  });
});
