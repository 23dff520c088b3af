/** What each concern shows to Prometheus, and what it must not show. */
import { AppendMetrics } from './append.metrics.js';
import { Metrics } from './metrics.js';
import { ProjectionMetrics } from './projection.metrics.js';
import { RelayMetrics } from './relay.metrics.js';
import { RevocationMetrics } from './revocation.metrics.js';
import { SignInMetrics } from './sign-in.metrics.js';

/** The lines of one metric as Prometheus would read them. */
const linesOf = async ({ registry }: Metrics, name: string) =>
  (await registry.metrics()).split('\n').filter((line) => line.startsWith(name));

describe('appends', () => {
  it('are timed, and their batches counted', async () => {
    const metrics = new Metrics();
    const appends = new AppendMetrics(metrics);
    appends.appended(0.004);
    appends.committed(32);
    expect(await linesOf(metrics, 'gatebook_append_duration_seconds_bucket{le="0.005"}')).toEqual([
      'gatebook_append_duration_seconds_bucket{le="0.005"} 1',
    ]);
    expect(await linesOf(metrics, 'gatebook_append_batch_events_sum')).toEqual(['gatebook_append_batch_events_sum 32']);
  });
});

describe('the relay', () => {
  it('counts what it sealed and published', async () => {
    const metrics = new Metrics();
    const relay = new RelayMetrics(metrics);
    relay.sealedEvents(3);
    relay.publishedEvents(2);
    expect(await linesOf(metrics, 'gatebook_sealed_events_total')).toEqual(['gatebook_sealed_events_total 3']);
    expect(await linesOf(metrics, 'gatebook_published_events_total')).toEqual(['gatebook_published_events_total 2']);
  });

  it('shows its lag as it is at each look, asked once', async () => {
    const metrics = new Metrics();
    let asked = 0;
    new RelayMetrics(metrics).showLag(async () => {
      asked += 1;
      return { events: 7, seconds: 1.5 };
    });
    expect(await linesOf(metrics, 'gatebook_relay_lag_')).toEqual([
      'gatebook_relay_lag_events 7',
      'gatebook_relay_lag_seconds 1.5',
    ]);
    expect(asked).toBe(1);
  });

  it.each<[string, () => Promise<null>]>([
    ['cannot be asked', () => Promise.reject(new Error('no database'))],
    ['belongs to another process', async () => null],
  ])('shows no lag rather than an old one when it %s', async (_what, lag) => {
    const metrics = new Metrics();
    new RelayMetrics(metrics).showLag(lag);
    expect(await linesOf(metrics, 'gatebook_relay_lag_')).toEqual([]);
  });
});

describe('projections', () => {
  it('show where each stands', async () => {
    const metrics = new Metrics();
    new ProjectionMetrics(metrics).showStates(async () => [
      { projection: 'grants', events: 4, seconds: 0.5, parkedStreams: 1 },
      { projection: 'audit-log', events: 0, seconds: 0, parkedStreams: 0 },
    ]);
    expect(await linesOf(metrics, 'gatebook_projection_lag_events')).toEqual([
      'gatebook_projection_lag_events{projection="grants"} 4',
      'gatebook_projection_lag_events{projection="audit-log"} 0',
    ]);
    expect(await linesOf(metrics, 'gatebook_projection_lag_seconds{projection="grants"}')).toHaveLength(1);
    expect(await linesOf(metrics, 'gatebook_parked_streams{projection="grants"} 1')).toHaveLength(1);
  });

  it('count what a consumer of a broker goes through, and say whether they stopped', async () => {
    const metrics = new Metrics();
    const projections = new ProjectionMetrics(metrics);
    projections.rebalanced();
    projections.skippedDuplicates(5);
    projections.setStopped(true);
    expect(await linesOf(metrics, 'gatebook_consumer_rebalances_total')).toEqual([
      'gatebook_consumer_rebalances_total 1',
    ]);
    expect(await linesOf(metrics, 'gatebook_duplicates_skipped_total')).toEqual([
      'gatebook_duplicates_skipped_total 5',
    ]);
    expect(await linesOf(metrics, 'gatebook_projecting_stopped')).toEqual(['gatebook_projecting_stopped 1']);
    projections.setStopped(false);
    expect(await linesOf(metrics, 'gatebook_projecting_stopped')).toEqual(['gatebook_projecting_stopped 0']);
  });
});

describe('sign-ins', () => {
  it('are counted by outcome and protocol, with the queue of their verification', async () => {
    const metrics = new Metrics();
    const signIns = new SignInMetrics(metrics);
    signIns.ended('accepted', 'saml');
    signIns.ended('refused', 'saml');
    signIns.ended('refused', 'saml');
    signIns.verificationTimedOut();
    signIns.showVerificationQueue(() => 12);
    expect(await linesOf(metrics, 'gatebook_sign_ins_total')).toEqual([
      'gatebook_sign_ins_total{outcome="accepted",protocol="saml"} 1',
      'gatebook_sign_ins_total{outcome="refused",protocol="saml"} 2',
    ]);
    expect(await linesOf(metrics, 'gatebook_verification_')).toEqual([
      'gatebook_verification_timeouts_total 1',
      'gatebook_verification_queue 12',
    ]);
  });
});

describe('a revocation', () => {
  it('is timed from the signal to the effect, also where clocks disagree', async () => {
    const metrics = new Metrics();
    const revocations = new RevocationMetrics(metrics);
    revocations.tookEffect('deactivation', 'sessions-ended', 0.2);
    revocations.tookEffect('deactivation', 'sessions-ended', -5);
    expect(await linesOf(metrics, 'gatebook_signal_to_effect_seconds_sum')).toEqual([
      'gatebook_signal_to_effect_seconds_sum{signal="deactivation",effect="sessions-ended"} 0.2',
    ]);
  });

  it('is timed once per command by what it recorded; other commands and repeats are not', async () => {
    const metrics = new Metrics();
    const revocations = new RevocationMetrics(metrics);
    const arrivedAt = '2026-03-01T12:00:00.000Z';
    const now = new Date('2026-03-01T12:00:00.040Z');
    const types = (...names: string[]) => names.map((type) => ({ type }));
    revocations.sessionsEnded({ events: types('AccessRevoked', 'AccessRevoked'), repeated: false }, arrivedAt, now);
    revocations.sessionsEnded({ events: types('UserDeactivated'), repeated: true }, arrivedAt, now);
    revocations.sessionsEnded({ events: types('ProfileUpdated'), repeated: false }, arrivedAt, now);
    expect(await linesOf(metrics, 'gatebook_signal_to_effect_seconds_sum')).toEqual([
      'gatebook_signal_to_effect_seconds_sum{signal="access-revoked",effect="sessions-ended"} 0.04',
    ]);
  });
});
