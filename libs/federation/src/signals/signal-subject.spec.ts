/** Who is meant by a subject identifier (RFC 9493), and who is not. */
import { readSignalSubject } from './signal-subject.js';

const ISSUER = 'https://idp.example';
const read = (identifier: unknown) => readSignalSubject(identifier, (issuer) => issuer === ISSUER);
const ADA = { by: 'subject', value: 'ada' };

describe('a subject identifier', () => {
  it.each<[string, object, object]>([
    ['issuer and subject', { format: 'iss_sub', iss: ISSUER, sub: 'ada' }, ADA],
    ['issuer and subject, as drafts wrote it', { subject_type: 'iss-sub', iss: ISSUER, sub: 'ada' }, ADA],
    ['an opaque id', { format: 'opaque', id: 'ada' }, ADA],
    ['an address', { format: 'email', email: 'ada@acme.example' }, { by: 'email', value: 'ada@acme.example' }],
    ['an account', { format: 'account', uri: 'acct:ada@acme.example' }, { by: 'account', value: 'ada@acme.example' }],
  ])('names a person by %s', (_how, identifier, person) => {
    expect(read(identifier)).toEqual({ people: [person], session: null });
  });

  it('names a person in several ways, of which the surest comes first', () => {
    const identifiers = [
      { format: 'account', uri: 'acct:ada@acme.example' },
      { format: 'phone_number', phone_number: '+1 206 555 0100' },
      { format: 'email', email: 'ada@acme.example' },
      { format: 'iss_sub', iss: ISSUER, sub: 'ada' },
    ];
    expect(read({ format: 'aliases', identifiers }).people.map(({ by }) => by)).toEqual([
      'subject',
      'email',
      'account',
    ]);
  });

  it('names a session of a person, or a session alone', () => {
    const session = { format: 'opaque', id: 's-1' };
    const user = { format: 'opaque', id: 'ada' };
    expect(read({ format: 'complex', user, session })).toEqual({ people: [ADA], session: 's-1' });
    expect(read({ session })).toEqual({ people: [], session: 's-1' });
  });

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['a word', 'ada'],
    ['a list', [{ format: 'opaque', id: 'ada' }]],
    ['the subject of another issuer', { format: 'iss_sub', iss: 'https://other.example', sub: 'ada' }],
    ['an unknown format', { format: 'did', url: 'did:example:ada' }],
    ['a telephone number', { format: 'phone_number', phone_number: '+1 206 555 0100' }],
    ['an id that is no text', { format: 'opaque', id: 7 }],
    ['an id with white space around it', { format: 'opaque', id: ' ada' }],
    ['an endless id', { format: 'opaque', id: 'a'.repeat(1025) }],
    [
      'aliases of aliases',
      { format: 'aliases', identifiers: [{ format: 'aliases', identifiers: [{ format: 'opaque', id: 'ada' }] }] },
    ],
    ['a device', { device: { format: 'opaque', id: 'laptop' } }],
    ['an account that is an address of the web', { format: 'account', uri: 'https://acme.example/ada' }],
  ])('names nobody by %s', (_how, identifier) => {
    expect(read(identifier)).toEqual({ people: [], session: null });
  });
});
