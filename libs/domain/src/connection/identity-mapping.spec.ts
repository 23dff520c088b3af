import type { ConnectionSettings, MappingRule } from '#libs/contracts';
import { DomainError } from '#libs/kernel';
import { type ConnectionOverrides, connectionSettings, presented, refuses, rule, sampleOAuth2 } from '#libs/testing';
import { admit } from './admission.js';
import { fromClaimList, toClaimList } from './claims.js';
import { domainOf } from './email-domain.js';
import { mapIdentity } from './identity-mapping.js';
import { ATTRIBUTES_MAX } from './offered-attributes.js';

const PERSISTENT = 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent';
const TRANSIENT = 'urn:oasis:names:tc:SAML:2.0:nameid-format:transient';

describe('the subject of an assertion', () => {
  it('is the NameID, as it is', () =>
    expect(mapped({}, {}, { value: 'Ada@Acme.example', format: PERSISTENT })).toMatchObject({
      subject: 'Ada@Acme.example',
    }));

  it('is never a transient NameID: it names a session, not a person', () =>
    expect(mapped({}, {}, { value: '_1', format: TRANSIENT })).toEqual(refuses('transient-subject')));

  it('may be an attribute, also beside a transient NameID', () => {
    const subject = { attribute: 'employeeNumber', caseInsensitive: false };
    expect(mapped({ subject }, { employeeNumber: ['E-7'] }, { value: '_1', format: TRANSIENT })).toMatchObject({
      subject: 'E-7',
    });
  });

  it('is compared without regard to case where the connection says so', () => {
    const subject = { attribute: 'mail', caseInsensitive: true };
    expect(mapped({ subject }, { mail: ['Ada@Acme.example'] })).toMatchObject({ subject: 'ada@acme.example' });
    expect(mapped({ subject }, { mail: ['ÉLISE@acme.example'] })).toMatchObject({ subject: 'élise@acme.example' });
  });

  it('is not taken for another by a character that merely folds to a letter of ASCII', () => {
    const subject = { attribute: 'mail', caseInsensitive: true };
    expect(mapped({ subject }, { mail: ['mi\u212Ae'] })).toMatchObject({ subject: 'mi\u212Ae' });
    expect(mapped({ subject }, { mail: ['MIKE'] })).toMatchObject({ subject: 'mike' });
  });

  it('must be there', () => {
    const subject = { attribute: 'employeeNumber', caseInsensitive: false };
    expect(mapped({ subject }, {})).toEqual(refuses('missing-subject'));
    expect(mapped({ subject }, { employeeNumber: [] })).toEqual(refuses('missing-subject'));
    expect(mapped({ subject }, { employeeNumber: [''] })).toEqual(refuses('missing-subject'));
  });
});

describe('the attributes of an assertion', () => {
  const attributes = { userName: 'nameId', email: 'mail', givenName: 'first', familyName: 'last', badge: 'badges' };
  const offered = (claims: Record<string, string[]>, over = {}) => {
    const identity = mapped({ attributes, ...over }, claims);
    return 'offered' in identity ? Object.fromEntries(identity.offered) : identity;
  };

  it('are mapped by name: one value for a standard one, all values for one of the operator’s own', () =>
    expect(offered({ mail: ['a@acme.example', 'b@acme.example'], badges: ['7', '9'], other: ['x'] })).toEqual({
      userName: 'ada',
      email: 'a@acme.example',
      badge: ['7', '9'],
    }));

  it('tell an attribute without a value from one that is not mentioned', () =>
    expect(offered({ mail: [], badges: [''] })).toEqual({ userName: 'ada', email: null, badge: [] }));

  it('give the full name from its parts where none is mapped', () => {
    expect(offered({ first: ['Ada'], last: ['Okafor'] })).toMatchObject({ displayName: 'Ada Okafor' });
    expect(offered({ last: ['Okafor'] })).toMatchObject({ displayName: 'Okafor' });
    expect(offered({})).not.toHaveProperty('displayName');
    expect(
      offered({ first: ['Ada'], dn: ['A. O.'] }, { attributes: { ...attributes, displayName: 'dn' } }),
    ).toMatchObject({
      displayName: 'A. O.',
    });
  });

  it('give no full name longer than a name may be', () => {
    const long = 'x'.repeat(8192);
    expect(offered({ first: [long], last: [long] })).not.toHaveProperty('displayName');
    expect(offered({ last: [long] })).toMatchObject({ displayName: long });
  });

  it('must give a user name', () => {
    const byUid = { ...attributes, userName: 'uid' };
    expect(mapped({ attributes: byUid }, {})).toEqual(refuses('missing-attribute'));
    expect(mapped({ attributes: byUid }, { uid: [''] })).toEqual(refuses('missing-attribute'));
  });

  it('may bear any name: __proto__ is an ordinary one', () => {
    const identity = mapped(
      { attributes: { userName: 'nameId', badge: '__proto__' } },
      JSON.parse('{"__proto__":["7"],"constructor":["x"]}'),
    );
    expect('offered' in identity && identity.offered.get('badge')).toEqual(['7']);
  });
});

describe('an e-mail address counts as verified', () => {
  const verified = (email: string, over: ConnectionOverrides = {}) =>
    (mapped(over, { email: [email] }) as { emailVerified: boolean }).emailVerified;

  it('only inside the domains of a connection whose addresses are trusted', () => {
    expect(verified('ada@acme.example')).toBe(true);
    expect(verified('ada@ACME.example')).toBe(true);
    expect(verified('ada@elsewhere.example')).toBe(false);
    expect(verified('ada@sub.acme.example')).toBe(false);
    expect(verified('ada@acme.example.evil.example')).toBe(false);
    expect(verified('ada@acme.example', { trustEmail: false })).toBe(false);
    expect(verified('ada@acme.example', { domains: [] })).toBe(false);
  });

  it('never when it is no address at all', () => expect(verified('acme.example')).toBe(false));
});

describe('the domain of an address', () => {
  it.each([
    ['ada@Acme.Example', 'acme.example'],
    ['"ada@evil.example"@acme.example', 'acme.example'],
    ['acme.example', ''],
    ['', ''],
    ['ada@', ''],
  ])('of %j is %j', (email, domain) => expect(domainOf(email)).toBe(domain));
});

describe('the groups of an assertion', () => {
  const groups = (claims: Record<string, string[]>, over: Partial<ConnectionSettings['groups']> = {}) => {
    return (mapped({ groups: over }, claims) as { groups: unknown }).groups;
  };

  it('are what the attribute holds, each once', () =>
    expect(groups({ groups: ['a', 'b', 'a'] })).toEqual({ known: true, values: new Set(['a', 'b']) }));

  it('are none when the attribute is there without a value', () => {
    expect(groups({ groups: [] })).toEqual({ known: true, values: new Set() });
    expect(groups({ groups: [''] })).toEqual({ known: true, values: new Set() });
  });

  it('are unknown when the attribute is absent, unless the connection says none', () => {
    expect(groups({})).toEqual({ known: false });
    expect(groups({}, { whenMissing: 'none' })).toEqual({ known: true, values: new Set() });
  });

  it('get names where ids have names', () =>
    expect(groups({ groups: ['8f3c', 'b'] }, { names: { '8f3c': 'Engineering' } })).toEqual({
      known: true,
      values: new Set(['Engineering', 'b']),
    }));

  it('get no name that the connection did not give', () =>
    expect(groups({ groups: ['constructor', '__proto__'] })).toEqual({
      known: true,
      values: new Set(['constructor', '__proto__']),
    }));
});

describe('what rules set', () => {
  const attributes = { userName: 'nameId', email: 'email', employeeType: 'type' };
  const external = rule('external', 'partners', [], 1, {
    set: { employeeType: { constant: 'external' }, floor: { constant: '9' } },
    directory: 'partners',
  });
  const mappedBy = (rules: MappingRule[], claims: Record<string, string[]>) => {
    const identity = mapped({ attributes, rules }, claims);
    if (!('offered' in identity)) throw new TypeError('refused');
    return { ...Object.fromEntries(identity.offered), directory: identity.directory };
  };

  it('stands over what the connection maps, for whom the rule matches', () => {
    expect(mappedBy([external], { type: ['staff'], groups: ['partners'] })).toMatchObject({
      employeeType: 'external',
      floor: ['9'],
      directory: 'partners',
    });
    const other = mappedBy([external], { type: ['staff'], groups: [] });
    expect(other).toMatchObject({ employeeType: 'staff', directory: 'staff' });
    expect(other).not.toHaveProperty('floor');
  });

  it('is what the first matching rule says that says something', () => {
    const again = rule('again', 'partners', [], 1, { set: { employeeType: { constant: 'other' } }, directory: 'labs' });
    const silent = rule('silent', 'partners', [], 1, { set: { employeeType: 'missing' } });
    expect(mappedBy([silent, external, again], { groups: ['partners'] })).toMatchObject({
      employeeType: 'external',
      directory: 'partners',
    });
  });

  it('is left as it is while groups are unknown: neither set nor stated otherwise', () => {
    const offered = mappedBy([external], { type: ['staff'] });
    expect(offered).not.toHaveProperty('employeeType');
    expect(offered).toMatchObject({ userName: 'ada', directory: 'staff' });
  });

  it('keeps the user name that is mapped while groups are unknown', () => {
    const renaming = rule('renaming', 'partners', [], 1, { set: { userName: { template: 'ext-{nameId}' } } });
    expect(mappedBy([renaming], {})).toMatchObject({ userName: 'ada' });
    expect(mappedBy([renaming], { groups: ['partners'] })).toMatchObject({ userName: 'ext-ada' });
  });

  it('is not what conditions look at', () => {
    const then = rule('then', '', ['crm.reader'], 1, { when: { attribute: 'employeeType', equals: 'external' } });
    const identity = mapped({ attributes, rules: [external, then] }, { type: ['staff'], groups: ['partners'] });
    expect('judgements' in identity && identity.judgements.map(({ matched }) => matched)).toEqual([true, false]);
  });

  it('verifies an address by the same rules as any other', () => {
    const addressing = (email: string) => rule('a', '', [], 1, { when: 'always', set: { email: { constant: email } } });
    expect(mapped({ rules: [addressing('x@elsewhere.example')] }, {})).toMatchObject({ emailVerified: false });
    expect(mapped({ rules: [addressing('x@acme.example')] }, {})).toMatchObject({ emailVerified: true });
  });

  it('is bounded: so many attributes and no more', () => {
    const set = Object.fromEntries(Array.from({ length: 300 }, (_, n) => [`own${n}`, { constant: 'x' }]));
    const identity = mapped({ rules: [rule('all', '', [], 1, { when: 'always', set })] }, {});
    expect('offered' in identity && identity.offered.size).toBe(ATTRIBUTES_MAX);
  });
});

describe('an address of which OAuth 2.0 tells whether it is verified', () => {
  const oauth2 = { ...sampleOAuth2, emailVerified: 'mail_ok' };
  const verified = (claims: Record<string, string[]>) =>
    mapped({ protocol: 'oauth2', saml: null, oauth2 }, { email: ['ada@acme.example'], ...claims });

  it('is verified only when it says so', () => {
    expect(verified({ mail_ok: ['true'] })).toMatchObject({ emailVerified: true, addressDenied: false });
    expect(verified({ mail_ok: ['false'] })).toMatchObject({ emailVerified: false, addressDenied: true });
    expect(verified({ mail_ok: [] })).toMatchObject({ emailVerified: false, addressDenied: true });
    expect(verified({})).toMatchObject({ emailVerified: false, addressDenied: true });
  });
});

describe('admission', () => {
  const admitted = (jit: Partial<ConnectionSettings['jit']>, claims: Record<string, string[]>) => {
    const settings = connectionSettings({ jit: { required: [], ...jit } });
    return outcome(() => admit(settings, mapIdentity(settings, presented({ claims }), settings.domains)));
  };

  it('asks for every required attribute, with a value', () => {
    const required = ['email'];
    expect(admitted({ required, allowedDomains: [] }, { email: ['ada@acme.example'] })).toBeUndefined();
    expect(admitted({ required, allowedDomains: [] }, { email: [] })).toEqual(refuses('missing-attribute'));
    expect(admitted({ required, allowedDomains: [] }, {})).toEqual(refuses('missing-attribute'));
  });

  it('asks for an address inside the domains named', () => {
    const allowedDomains = ['acme.example'];
    expect(admitted({ allowedDomains }, { email: ['Ada@ACME.example'] })).toBeUndefined();
    for (const email of [['ada@evil.example'], ['ada@acme.example.evil.example'], ['acme.example'], []])
      expect(admitted({ allowedDomains }, { email })).toEqual(refuses('foreign-domain'));
    expect(admitted({ allowedDomains }, {})).toEqual(refuses('foreign-domain'));
  });

  it('asks for no address where no domain is named', () =>
    expect(admitted({ allowedDomains: [] }, {})).toBeUndefined());
});

describe('claims', () => {
  it('are written down in the order given and read back as they were', () => {
    const claims = new Map([
      ['__proto__', ['a', 'b']],
      ['empty', []],
    ]);
    expect(toClaimList(claims)).toEqual([
      { name: '__proto__', values: ['a', 'b'] },
      { name: 'empty', values: [] },
    ]);
    expect([...fromClaimList(toClaimList(claims))]).toEqual([...claims]);
  });
});

function mapped(
  over: ConnectionOverrides,
  claims: Readonly<Record<string, readonly string[]>>,
  subject: { value: string; format: string | null } = { value: 'ada', format: null },
) {
  const settings = connectionSettings(over);
  return outcome(() => mapIdentity(settings, presented({ claims, subject }), settings.domains));
}

function outcome<Result>(attempt: () => Result): Result | { refused: string } {
  try {
    return attempt();
  } catch (error) {
    if (error instanceof DomainError) return refuses(error.code);
    throw error;
  }
}
