import { type Asked, deciding, nothing, records, refuses, seededId } from '#libs/testing';
import type { ApproveElevation, RefuseElevation, RequestElevation } from './elevation.commands.js';
import { elevationDecider } from './elevation.decider.js';
import {
  ada,
  approved,
  BEGUN,
  bo,
  carl,
  END,
  elevation,
  ended,
  HOUR,
  inPerson,
  nobody,
  olga,
  portal,
  refused,
  requested,
  session,
  VALID,
} from './elevation.fixture.js';
import type { ElevationOffer } from './elevation-offer.js';

const elevations = deciding(elevationDecider);

const offer: ElevationOffer = {
  policy: 'elevate-prod',
  policyVersion: 3,
  maxDurationMs: 4 * HOUR,
  approvalsNeeded: 1,
  breakGlass: false,
  requestValidForMs: 72 * HOUR,
};
const request = (over: Partial<RequestElevation['data']> = {}, by = session(ada)): Asked<RequestElevation> => ({
  type: 'RequestElevation',
  by,
  data: {
    elevation,
    account: ada.account,
    accountActive: true,
    role: 'prod.admin',
    roleLive: true,
    offer,
    durationMs: 2 * HOUR,
    breakGlass: false,
    by: inPerson(ada),
    preferred: [[olga.account]],
    fallback: [bo.account],
    reason: 'incident 42',
    ...over,
  },
});
const approve = (by: { account: string }, over: object = {}): Asked<ApproveElevation> => ({
  type: 'ApproveElevation',
  by: session(by),
  data: { by: inPerson(by), reason: null },
  ...over,
});
const refuse = (by: RefuseElevation['data']['by'], over: object = {}): Asked<RefuseElevation> => ({
  type: 'RefuseElevation',
  data: { by, mayAdminister: false, reason: 'not now', ...over },
});

describe('a request', () => {
  it('names who is asked, how long, and until when it waits', () =>
    elevations
      .given()
      .when(request())
      .then(
        records('ElevationRequested', {
          elevation,
          account: ada.account,
          policy: 'elevate-prod',
          policyVersion: 3,
          requestedBy: ada.account,
          filedBy: `account:${ada.account}`,
          approvers: [olga.account],
          approvalsNeeded: 1,
          validUntil: '2026-03-05T08:01:00.000Z',
        }),
      ));

  it('by a key that speaks for nobody says so', () =>
    elevations
      .given()
      .when({ ...request({ by: nobody }), by: portal })
      .then(records('ElevationRequested', { requestedBy: null, via: 'apiKey', filedBy: `key:${portal.id}` })));

  it('asks neither who gets the role nor who asks', () =>
    elevations
      .given()
      .when(request({ by: inPerson(carl), preferred: [[carl.account], [ada.account]] }, session(carl)))
      .then(records('ElevationRequested', { approvers: [bo.account] })));

  it('is refused when too few people are left', () => {
    const two = { ...offer, approvalsNeeded: 2 };
    elevations
      .given()
      .when(request({ preferred: [[ada.account]], fallback: [] }))
      .then(refuses('elevation-no-approvers'));
    elevations
      .given()
      .when(request({ offer: two, fallback: [olga.account] }))
      .then(refuses('elevation-no-approvers'));
    elevations
      .given()
      .when(request({ offer: two }))
      .then(records('ElevationRequested', { approvers: [olga.account, bo.account], approvalsNeeded: 2 }));
  });

  it.each<[string, Partial<RequestElevation['data']>, string]>([
    ['a suspended account', { accountActive: false }, 'elevation-account-inactive'],
    ['a retired role', { roleLive: false }, 'role-not-found'],
    ['a role that no policy offers', { offer: null }, 'elevation-role-not-offered'],
    ['longer than allowed', { durationMs: 4 * HOUR + 1 }, 'elevation-too-long'],
    ['no time at all', { durationMs: 0 }, 'elevation-too-long'],
    ['break-glass where there is none', { breakGlass: true }, 'break-glass-not-allowed'],
  ])('is refused for %s', (_what, data, code) => elevations.given().when(request(data)).then(refuses(code)));

  it('may last as long as allowed, to the millisecond', () =>
    elevations
      .given()
      .when(request({ durationMs: 4 * HOUR }))
      .then(records('ElevationRequested')));
});

describe('break-glass', () => {
  const glass = { offer: { ...offer, breakGlass: true }, breakGlass: true };

  it('begins at once, with nobody’s approval, and names who would be asked', () =>
    elevations
      .given()
      .when(request(glass))
      .then(
        records('ElevationRequested', { breakGlass: true, approvalsNeeded: 0, approvers: [olga.account] }),
        records('ElevationApproved', {
          by: null,
          complete: true,
          effectiveAt: '2026-03-02T08:01:00.000Z',
          until: '2026-03-02T10:01:00.000Z',
        }),
      ));

  it('begins also where nobody could approve', () =>
    elevations
      .given()
      .when(request({ ...glass, preferred: [], fallback: [] }))
      .then(records('ElevationRequested', { approvers: [] }), records('ElevationApproved')));
});

describe('an approval', () => {
  it('begins the elevation when it is the last that is needed', () =>
    elevations
      .given(requested())
      .when(approve(olga, { at: BEGUN }))
      .then(
        records('ElevationApproved', {
          by: olga.account,
          complete: true,
          grant: expect.any(String),
          effectiveAt: BEGUN,
          until: END,
        }),
      ));

  it('is one of two where two are needed, of two people', () => {
    const two = requested({ approvalsNeeded: 2 });
    elevations
      .given(two)
      .when(approve(olga))
      .then(records('ElevationApproved', { complete: false, grant: null, effectiveAt: null, until: null }));
    elevations.given(two, approved(olga, false)).when(approve(olga)).then(refuses('elevation-already-approved'));
    elevations
      .given(two, approved(olga, false))
      .when(approve(bo))
      .then(records('ElevationApproved', { by: bo.account, complete: true }));
  });

  it('is never of who gets the role, nor of who asked, also where the list names them', () => {
    const all = { approvers: [ada.account, carl.account, olga.account] };
    elevations.given(requested(all)).when(approve(ada)).then(refuses('own-elevation'));
    elevations
      .given(requested({ ...all, requestedBy: carl.account }))
      .when(approve(carl))
      .then(refuses('own-elevation'));
  });

  it('never comes through the key that filed the request, whomever it speaks for', () => {
    const byKey = requested({ requestedBy: null, filedBy: `key:${portal.id}` });
    const acting = { account: olga.account, via: 'apiKey', apiKey: portal.id } as const;
    const through = (by: typeof portal) =>
      ({ type: 'ApproveElevation', by, data: { by: acting, reason: null } }) as const;
    elevations.given(byKey).when(through(portal)).then(refuses('elevation-same-key'));
    elevations
      .given(byKey)
      .when(through({ kind: 'key', id: seededId('another key') } as never))
      .then(records('ElevationApproved', { by: olga.account, via: 'apiKey', apiKey: portal.id }));
  });

  it('is never of somebody through a key: of who gets the role or asked, of who has approved, or of who made the key that filed it', () => {
    const acting = { account: olga.account, via: 'apiKey', apiKey: portal.id } as const;
    const through = (sender: string, person: string) =>
      ({
        type: 'ApproveElevation',
        by: portal,
        data: { by: acting, reason: null },
        behind: new Map([[sender, person]]),
      }) as const;
    const key = `key:${portal.id}`;
    elevations
      .given(requested())
      .when(through(key, `account:${ada.account}`))
      .then(refuses('own-elevation'));
    const filed = requested({ requestedBy: null, filedBy: `key:${seededId('of olga')}` });
    elevations
      .given(filed)
      .when(through(`key:${seededId('of olga')}`, `account:${olga.account}`))
      .then(refuses('own-elevation'));
    elevations
      .given(filed)
      .when(through(key, `key:${seededId('of olga')}`))
      .then(refuses('elevation-same-key'));
    const two = requested({ approvers: [olga.account, bo.account], approvalsNeeded: 2 });
    elevations
      .given(two, approved(bo, false))
      .when(through(key, `account:${bo.account}`))
      .then(refuses('elevation-already-approved'));
    elevations.given(two).when(through(key, key)).then(records('ElevationApproved'));
  });

  it('is only of those who are asked', () =>
    elevations.given(requested()).when(approve(carl)).then(refuses('not-an-approver')));

  it('comes in time, or not at all', () => {
    elevations
      .given(requested())
      .when(approve(olga, { at: '2026-03-05T07:59:59.999Z' }))
      .then(records('ElevationApproved'));
    elevations
      .given(requested())
      .when(approve(olga, { at: VALID }))
      .then(refuses('elevation-not-open'));
  });

  it('cannot come after another answer', () => {
    elevations.given(requested(), approved()).when(approve(bo)).then(refuses('elevation-not-open'));
    elevations.given(requested(), refused).when(approve(bo)).then(refuses('elevation-not-open'));
    elevations.given().when(approve(bo)).then(refuses('elevation-not-found'));
  });
});

describe('a request that leads to nothing', () => {
  it('is refused by an approver', () =>
    elevations
      .given(requested())
      .when(refuse(inPerson(olga)))
      .then(records('ElevationRefused', { by: olga.account, code: 'refused', reason: 'not now' })));

  it('is refused by somebody who administers elevations', () =>
    elevations
      .given(requested())
      .when(refuse(inPerson(carl), { mayAdminister: true }))
      .then(records('ElevationRefused', { by: carl.account, code: 'refused' })));

  it('is taken back by who asked, who gets the role, or the key that filed it', () => {
    elevations
      .given(requested({ requestedBy: carl.account }))
      .when(refuse(inPerson(carl)))
      .then(records('ElevationRefused', { code: 'withdrawn' }));
    elevations
      .given(requested({ requestedBy: carl.account }))
      .when(refuse(inPerson(ada)))
      .then(records('ElevationRefused', { code: 'withdrawn' }));
    elevations
      .given(requested({ requestedBy: null, filedBy: `key:${portal.id}` }))
      .when({ ...refuse(nobody), by: portal })
      .then(records('ElevationRefused', { by: null, code: 'withdrawn' }));
  });

  it('is not refused by others', () =>
    elevations
      .given(requested())
      .when(refuse(inPerson(carl)))
      .then(refuses('not-an-approver')));

  it('lapses when nobody answers in time, and not before', () => {
    const lapse = (when: string) => ({ type: 'LapseElevation', data: {}, at: when }) as const;
    elevations.given(requested()).when(lapse('2026-03-05T07:59:59.999Z')).then(nothing);
    elevations
      .given(requested())
      .when(lapse(VALID))
      .then(records('ElevationRefused', { code: 'lapsed', by: null }));
    elevations.given(requested(), approved()).when(lapse(VALID)).then(nothing);
  });

  it('is given up when the role cannot be given, also right after the last approval', () => {
    const abandon = { type: 'AbandonElevation', data: { why: 'sod-conflict' } } as const;
    const refusal = records('ElevationRefused', { code: 'not-possible', via: 'system', reason: 'sod-conflict' });
    elevations.given(requested()).when(abandon).then(refusal);
    elevations.given(requested(), approved()).when(abandon).then(refusal);
    elevations.given(requested(), approved(), ended).when(abandon).then(nothing);
  });
});
