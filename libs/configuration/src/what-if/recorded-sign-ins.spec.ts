/** Sign-ins and refusals of the log, as they were presented. */
import type { SignedIn } from '#libs/contracts';
import type { RecordedEvent } from '#libs/kernel';
import { ada, historyOf, signedIn } from '#libs/testing';
import { recordedSignIn } from './recorded-sign-ins.js';

const [event] = historyOf(signedIn(ada, 'okta', { groups: ['engineers'] })) as unknown as [RecordedEvent];
const { account, proof, subject, claims } = event.data as SignedIn['data'];
const refused = (over: object) =>
  recordedSignIn({
    ...event,
    type: 'SignInRefused',
    data: { verified: true, evidence: null, account: null, proof, subject, claims, ...over },
  });

it('are read as they were presented', () => {
  const said = { claims: new Map([['groups', ['engineers']]]), groupsOverage: false };
  expect(recordedSignIn(event)).toMatchObject({ event: event.id, account, at: event.recordedAt, presented: said });
  expect(refused({})).toMatchObject({ event: event.id, account: null, presented: said });
});

it('are unreadable once their person is erased', () => {
  const data = { ...(event.data as object), claims: '[erased]' };
  expect(recordedSignIn({ ...event, data } as RecordedEvent)).toBe('unreadable');
  expect(refused({ claims: '[erased]' })).toBe('unreadable');
});

it('are none where nobody had verified anything, or the sign-in is on record itself', () => {
  expect([refused({ verified: false }), refused({ claims: null }), refused({ evidence: event.id })]).toEqual([
    null,
    null,
    null,
  ]);
});
