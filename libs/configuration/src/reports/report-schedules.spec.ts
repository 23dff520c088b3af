/** Reports that the clock asks for, as a person writes them: what they mean, and what is wrong with them, line by line. */
import { installation } from '#libs/testing';
import { ephemeralKeyring, secretValues } from '#libs/vault';
import { sealSecrets } from '../connection-secrets.js';
import { configurationHash, readConfiguration } from '../index.js';
import { configurationWith } from '../policies/policies.fixture.js';
import { reportRemarks } from './report-remarks.js';

const SECRET = 'a-secret-of-some-length';
const vault = secretValues({ keyring: ephemeralKeyring() } as never);
const withReports = (reports: string) => configurationWith('      []\n', `    reports:\n${reports}`);
const read = (reports: string) => readConfiguration(withReports(reports), { resolve: () => SECRET });
const settled = async (reports: string) => {
  const { configuration, ...stored } = sealSecrets(read(reports), vault);
  const place = installation();
  const plan = await place.plan(configuration);
  await place.carryOut(plan);
  return { place, plan, configuration, ...stored, settings: (await place.catalog()).tenant('acme')?.settings };
};

const REPORTS = `      - { id: monthly-access, kind: access, schedule: "0 6 1 * *", formats: [xlsx, csv], filter: { application: crm }, personal: true, deliver: { folder: monthly } }
      - { id: quarterly-changes, kind: access-changes, schedule: "0 6 1 */3 *", period: previousQuarter, deliver: { webhook: { url: https://hooks.acme.example, secret: "env:GATEBOOK_SECRET_REPORTS" } } }
`;

describe('scheduled reports of a configuration', () => {
  it('become settings of the tenant, everything written out and without the secret', async () => {
    const { settings, secrets, plan, configuration, place } = await settled(REPORTS);
    expect(settings?.reports).toEqual([
      {
        id: 'monthly-access',
        kind: 'access',
        schedule: '0 6 1 * *',
        period: null,
        formats: ['xlsx', 'csv'],
        filter: expect.objectContaining({ application: 'crm', role: null, account: null }),
        personal: true,
        deliver: { folder: 'monthly', webhook: null },
      },
      {
        id: 'quarterly-changes',
        kind: 'access-changes',
        schedule: '0 6 1 */3 *',
        period: 'previousQuarter',
        formats: ['csv'],
        filter: expect.objectContaining({ application: null, department: null }),
        personal: false,
        deliver: {
          folder: null,
          webhook: { url: 'https://hooks.acme.example', secret: expect.stringMatching(/^hmac:[0-9a-f]{64}$/) },
        },
      },
    ]);
    expect(secrets).toEqual([{ tenant: 'acme', value: SECRET }]);
    expect(JSON.stringify([configuration, plan, settings])).not.toContain(SECRET);
    expect(await place.plan(configuration)).toEqual([]);
  });

  it('are a change of the tenant when one of them changes, and another configuration by its hash', async () => {
    const { place, configuration } = await settled(REPORTS);
    const { configuration: later } = sealSecrets(read(REPORTS.replace('0 6 1 * *', '0 7 1 * *')), vault);
    expect(await place.plan(later)).toEqual([expect.objectContaining({ action: 'change', changed: ['reports'] })]);
    expect(configurationHash(later)).not.toBe(configurationHash(configuration));
  });

  it('are remarked on where they need a folder of the server, and only when they change', async () => {
    const { plan, place, configuration } = await settled(REPORTS);
    expect(reportRemarks(plan)).toEqual([
      expect.stringMatching(/acme go to a folder \(monthly-access\).*GATEBOOK_REPORTS_FOLDER/),
    ]);
    const { configuration: later } = sealSecrets(
      readConfiguration(withReports(REPORTS).replace('Europe/Berlin', 'UTC'), { resolve: () => SECRET }),
      vault,
    );
    expect(reportRemarks(await place.plan(later))).toEqual([]);
    expect(reportRemarks(await installation().plan(sealSecrets(read('      []\n'), vault).configuration))).toEqual([]);
    expect(configuration.tenants[0]?.reports).toHaveLength(2);
  });

  const one = (over: string, kind = 'access') => `      - { id: r, kind: ${kind}, schedule: "0 6 1 * *", ${over} }\n`;
  it.each([
    [
      'a kind that there is not',
      one('', 'acess'),
      /line 17: tenants\[0\]\.reports\[0\]\.kind: must be one of access, /,
    ],
    ['no cron', one('').replace('0 6 1 * *', 'monthly'), /line 17: .*schedule: a schedule has five fields/],
    ['every minute', one('').replace('0 6 1 * *', '* * * * *'), /schedule: must not come oftener than once an hour/],
    ['a day that never comes', one('').replace('0 6 1 * *', '0 6 31 2 *'), /schedule: this schedule never comes/],
    ['a period of an instant', one('period: previousMonth'), /period: access is about an instant/],
    ['no period of a period', one('', 'access-changes'), /reports\[0\]: access-changes is about a period: say which/],
    ['another period', one('period: lastMonth', 'access-changes'), /period: must be one of previousDay/],
    ['no formats', one('formats: []'), /formats: must not be empty/],
    ['a format twice', one('formats: [csv, csv]'), /formats: must name each format once/],
    ['an unknown format', one('formats: [pdf]'), /formats\[0\]: must be one of csv/],
    [
      'a filter that the kind does not take',
      one('filter: { policy: p }'),
      /filter\.policy: is no filter of access, which takes /,
    ],
    [
      'a filter by what is not there',
      one('filter: { role: crm.raeder }'),
      /filter\.role: there is no role crm\.raeder/,
    ],
    ['an unknown filter', one('filter: { account: ada }'), /filter\.account: is not a known key/],
    ['a department in secret', one('filter: { department: Sales }'), /filter\.department: needs personal: true/],
    ['a folder above', one('deliver: { folder: "../etc" }'), /folder: must be names in lower case/],
    ['a folder above, further in', one('deliver: { folder: "a/../../etc" }'), /folder: must be names in lower case/],
    ['a folder from the root', one('deliver: { folder: /etc }'), /folder: must be names in lower case/],
    ['a receiver without a secret', one('deliver: { webhook: { url: https://a.example } }'), /secret: is missing/],
    ['an id there twice', one('') + one(''), /reports\[1\]\.id: r is there twice/],
    [
      'more than fifty',
      Array.from({ length: 51 }, (_, nth) => one('').replace('id: r', `id: r${nth}`)).join(''),
      /reports: must have at most 50 entries/,
    ],
  ])('are refused for %s', (_what, reports, problem) => expect(() => read(reports)).toThrow(problem));
});
