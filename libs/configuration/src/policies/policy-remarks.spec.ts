import { installation } from '#libs/testing';
import { noReferences, readConfiguration } from '../index.js';
import { configurationWith } from './policies.fixture.js';
import { policyRemarks } from './policy-remarks.js';

const remarksOn = async (policy: string) => {
  const place = installation();
  const configuration = readConfiguration(configurationWith(`      - ${policy}\n`), noReferences);
  return policyRemarks(await place.plan(configuration), await place.catalog());
};
const review = (over: string) => `{ id: r, kind: review, triggers: [managerChanged], reviewers: [manager], ${over} }`;

describe('a remark on a policy', () => {
  it('says that silence revokes only where somebody was told', async () =>
    expect(await remarksOn(review('noResponse: revoke'))).toEqual([
      expect.stringMatching(/^Policy r revokes what nobody has decided, but only where a reviewer was told by mail/),
    ]));

  it('says that privileged roles are asked about each time', async () => {
    const carried = 'carryForward: { validFor: P90D }';
    const remark = [expect.stringMatching(/^Policy r carries decisions forward, but never for privileged roles/)];
    expect(await remarksOn(review(`${carried}, scope: { privileged: true }`))).toEqual(remark);
    expect(await remarksOn(review(`${carried}, scope: { role: prod.admin }`))).toEqual(remark);
    expect(await remarksOn(review(`${carried}, scope: { role: crm.reader }`))).toEqual([]);
  });

  it('is not made about what says nothing special', async () => {
    expect(await remarksOn(review('due: P7D'))).toEqual([]);
    expect(await remarksOn('{ id: w, kind: dormant, after: P90D }')).toEqual([]);
  });
});
