import type { Actor } from '#libs/kernel';

const id = (number: number): string => `00000000-0000-4000-8000-${number.toString().padStart(12, '0')}`;

/** Somebody who takes part. */
interface Participant {
  readonly account: string;
}

/** Ada gets the role, Olga and Bo are asked, Carl has no part in it. */
export const [ada, bo, carl, olga] = [1, 2, 3, 4].map((nth) => ({ account: id(nth) })) as [
  Participant,
  Participant,
  Participant,
  Participant,
];
/** Ids of the elevation, of its grant, and of the one that prolongs it. */
export const [elevation, grant, secondGrant] = [11, 12, 13].map(id) as [string, string, string];

/** Milliseconds. */
export const HOUR = 3_600_000;
const ASKED = '2026-03-02T08:00:00.000Z';
/** When it is approved, and begins. */
export const BEGUN = '2026-03-02T08:30:00.000Z';
/** Two hours later. */
export const END = '2026-03-02T10:30:00.000Z';
/** Until when the request may be answered. */
export const VALID = '2026-03-05T08:00:00.000Z';

/** A key that somebody else's portal uses. */
export const portal = { kind: 'key', id: id(21) } as const;

/** Whose word something is. */
export const inPerson = ({ account }: Participant) => ({ account, via: 'session', apiKey: null }) as const;
export const nobody = { account: null, via: 'apiKey', apiKey: portal.id } as const;
export const session = ({ account }: Participant): Actor => ({ kind: 'account', id: account });

const onElevation = (type: string, data: object) => ({
  category: 'elevation',
  tenant: 'acme',
  id: elevation,
  event: () => ({ type, data: { elevation, account: ada.account, ...data } }),
});

/** Facts of the elevation. */
export const requested = (over: object = {}) => ({
  ...onElevation('ElevationRequested', {
    role: 'prod.admin',
    policy: 'elevate-prod',
    policyVersion: 3,
    durationMs: 2 * HOUR,
    requestedBy: ada.account,
    via: 'session',
    filedBy: `account:${ada.account}`,
    approvers: [olga.account, bo.account],
    approvalsNeeded: 1,
    breakGlass: false,
    validUntil: VALID,
    reason: 'incident 42',
    ...over,
  }),
  actor: session(ada),
  at: ASKED,
});
export const approved = (by: Participant | null = olga, complete = true) => ({
  ...onElevation('ElevationApproved', {
    by: by?.account ?? null,
    via: 'session',
    apiKey: null,
    complete,
    grant: complete ? grant : null,
    effectiveAt: complete ? BEGUN : null,
    until: complete ? END : null,
    reason: null,
  }),
  at: BEGUN,
});
export const refused = onElevation('ElevationRefused', {
  by: olga.account,
  via: 'session',
  apiKey: null,
  code: 'refused',
  reason: 'no',
});
export const extended = {
  ...onElevation('ElevationExtended', {
    grant: secondGrant,
    until: '2026-03-02T11:30:00.000Z',
    by: olga.account,
    via: 'session',
    apiKey: null,
    reason: 'still burning',
  }),
  at: '2026-03-02T10:00:00.000Z',
};
export const ended = onElevation('ElevationEnded', {
  grant,
  effectiveAt: END,
  code: 'time-over',
  by: null,
  via: 'system',
  apiKey: null,
  reason: null,
});
