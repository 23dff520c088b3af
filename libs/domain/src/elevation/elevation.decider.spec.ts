import { type Asked, deciding, historyOf, nothing, records, refuses } from '#libs/testing';
import type { CloseElevation, ProlongElevation, RecordElevationOver } from './elevation.commands.js';
import { elevationDecider } from './elevation.decider.js';
import {
  ada,
  approved,
  BEGUN,
  bo,
  carl,
  END,
  ended,
  extended,
  grant,
  HOUR,
  inPerson,
  nobody,
  olga,
  requested,
  secondGrant,
  session,
} from './elevation.fixture.js';

const elevations = deciding(elevationDecider);
const system = { account: null, via: 'system', apiKey: null } as const;

const prolong = (
  by: { account: string },
  over: Partial<ProlongElevation['data']> = {},
  when?: string,
): Asked<ProlongElevation> => ({
  type: 'ProlongElevation',
  by: session(by),
  data: { by: inPerson(by), durationMs: HOUR, maxDurationMs: 4 * HOUR, reason: 'still burning', ...over },
  ...(when ? { at: when } : {}),
});
const close = (by: CloseElevation['data']['by'], over: object = {}): Asked<CloseElevation> => ({
  type: 'CloseElevation',
  data: { by, mayAdminister: false, endedAt: null, reason: 'done' },
  ...over,
});
const over = (
  code: RecordElevationOver['data']['code'],
  effectiveAt: string,
  when?: string,
): Asked<RecordElevationOver> => ({
  type: 'RecordElevationOver',
  data: { code, effectiveAt, by: system },
  ...(when ? { at: when } : {}),
});

describe('an elevation under way', () => {
  const underWay = [requested(), approved()];

  it('goes on for longer when an approver agrees, from its end on', () =>
    elevations
      .given(...underWay)
      .when(prolong(olga))
      .then(
        records('ElevationExtended', {
          by: olga.account,
          until: '2026-03-02T11:30:00.000Z',
          grant: expect.not.stringMatching(grant),
        }),
      ));

  it('never goes on for longer than the policy allows from then on', () => {
    elevations
      .given(...underWay)
      .when(prolong(olga, { durationMs: 2 * HOUR }, BEGUN))
      .then(records('ElevationExtended', { until: '2026-03-02T12:30:00.000Z' }));
    elevations
      .given(...underWay)
      .when(prolong(olga, { durationMs: 2 * HOUR + 1 }, BEGUN))
      .then(refuses('elevation-too-long'));
    elevations
      .given(...underWay)
      .when(prolong(olga, { durationMs: 0 }))
      .then(refuses('elevation-too-long'));
  });

  it('is not extended by who has it, by strangers, after its end, or where two had to approve', () => {
    elevations
      .given(...underWay)
      .when(prolong(ada))
      .then(refuses('own-elevation'));
    elevations
      .given(...underWay)
      .when(prolong(carl))
      .then(refuses('not-an-approver'));
    elevations
      .given(...underWay)
      .when(prolong(olga, {}, END))
      .then(refuses('elevation-not-active'));
    elevations
      .given(requested({ approvalsNeeded: 2 }), approved(olga, false), approved(bo))
      .when(prolong(olga))
      .then(refuses('elevation-not-extendable'));
  });

  it.each([
    ['who has it', inPerson(ada), {}],
    ['an approver', inPerson(olga), {}],
    ['somebody who administers elevations', inPerson(carl), { mayAdminister: true }],
    ['a key that administers elevations', nobody, { mayAdminister: true }],
  ])('is ended early by %s', (_who, by, right) => {
    const asked = close(by, { at: '2026-03-02T09:00:00.000Z' });
    elevations
      .given(...underWay)
      .when({ ...asked, data: { ...asked.data, ...right } })
      .then(
        records('ElevationEnded', { grant, by: by.account, code: 'by-hand', effectiveAt: '2026-03-02T09:00:00.000Z' }),
      );
  });

  it('ended by hand after its grant had ended says when that was', () => {
    const asked = close(inPerson(ada), { at: '2026-03-02T09:00:00.000Z' });
    const data = { ...asked.data, endedAt: '2026-03-02T08:50:00.000Z' };
    elevations
      .given(...underWay)
      .when({ ...asked, data })
      .then(records('ElevationEnded', { code: 'by-hand', effectiveAt: '2026-03-02T08:50:00.000Z' }));
  });

  it('is not ended by strangers', () =>
    elevations
      .given(...underWay)
      .when(close(inPerson(carl)))
      .then(refuses('elevation-not-yours')));

  it('ended by hand too late has ended at its end', () =>
    elevations
      .given(...underWay)
      .when(close(inPerson(ada), { at: '2026-03-02T12:00:00.000Z' }))
      .then(records('ElevationEnded', { code: 'time-over', effectiveAt: END })));

  it('ends at its end, however late that is written down', () => {
    elevations
      .given(...underWay)
      .when(over('time-over', '2026-03-02T10:29:59.999Z', '2026-03-02T10:29:59.999Z'))
      .then(nothing);
    elevations
      .given(...underWay)
      .when(over('time-over', '2026-04-01T00:00:00.000Z', '2026-04-01T00:00:00.000Z'))
      .then(records('ElevationEnded', { code: 'time-over', effectiveAt: END, grant }));
  });

  it('that was extended ends at the later end and names the newest grant', () => {
    elevations
      .given(...underWay, extended)
      .when(over('time-over', END, END))
      .then(nothing);
    elevations
      .given(...underWay, extended)
      .when(over('time-over', '2026-03-02T11:30:00.000Z', '2026-03-02T11:30:00.000Z'))
      .then(records('ElevationEnded', { grant: secondGrant, effectiveAt: '2026-03-02T11:30:00.000Z' }));
    expect(elevations.given(...underWay, extended).state).toMatchObject({ grants: [grant, secondGrant] });
  });

  it('that was begun by break-glass cannot be extended: nobody has agreed to it', () =>
    elevations
      .given(requested({ approvalsNeeded: 0, breakGlass: true }), approved(null))
      .when(prolong(olga))
      .then(refuses('elevation-not-extendable')));

  it('is over when its grant was revoked otherwise', () =>
    elevations
      .given(...underWay)
      .when(over('revoked', '2026-03-02T09:15:00.000Z'))
      .then(records('ElevationEnded', { code: 'revoked', effectiveAt: '2026-03-02T09:15:00.000Z' })));

  it('ends once', () => {
    elevations
      .given(...underWay, ended)
      .when(over('revoked', END))
      .then(nothing);
    elevations
      .given(...underWay, ended)
      .when(close(inPerson(ada)))
      .then(refuses('elevation-not-active'));
  });
});

it('an elevation stops at a fact that it does not know', () => {
  const [event] = historyOf(requested());
  expect(() => elevationDecider.evolve(elevationDecider.initialState, { ...event, type: 'Other' } as never)).toThrow(
    'An elevation cannot fold Other.',
  );
});
