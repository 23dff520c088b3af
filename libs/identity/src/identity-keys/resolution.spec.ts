import type { IdentityKey } from './identity-key.js';
import { AccountExistsUnlinkedError, UsernameTakenError } from './identity-keys.errors.js';
import { type AttributeKind, decideResolution, type HeldKey, type ResolutionRequest } from './resolution.js';

const ADA = 'account of Ada';
const BOB = 'account of Bob';
const NEW = 'account proposed';

const key = (kind: IdentityKey['kind']): IdentityKey => ({
  directory: kind === 'link' ? '' : 'staff',
  kind,
  hmac: kind,
});
const attributes = (...kinds: AttributeKind[]) => new Map(kinds.map((kind) => [kind, key(kind)]));

const signIn = (changes: Partial<ResolutionRequest> = {}): ResolutionRequest => ({
  link: key('link'),
  attributes: attributes('userName', 'verifiedEmail'),
  linking: 'none',
  update: 'everySignIn',
  mayCreate: true,
  proposedAccountId: NEW,
  ...changes,
});

const held = (kind: HeldKey['kind'], accountId: string, changes: Partial<HeldKey> = {}): HeldKey => ({
  kind,
  accountId,
  confirmed: true,
  claimedAt: new Date(0),
  known: true,
  accountKinds: ['link', 'userName'],
  ...changes,
});
const claimed = (kind: HeldKey['kind'], accountId: string) =>
  held(kind, accountId, { confirmed: false, known: false, accountKinds: [] });
const kindsOf = (keys: readonly IdentityKey[] | undefined) => keys?.map(({ kind }) => kind);

describe('a subject that nobody knows', () => {
  it('claims all its keys for a new account', () => {
    const resolution = decideResolution(signIn(), []);
    expect(resolution).toMatchObject({ accountId: NEW, how: 'new' });
    expect(kindsOf(resolution?.claim)).toEqual(['link', 'userName', 'verifiedEmail']);
  });

  it('is nobody where the connection makes no accounts', () => {
    expect(decideResolution(signIn({ mayCreate: false }), [])).toBeUndefined();
  });

  it.each(['userName', 'verifiedEmail', 'externalId'] as const)(
    'is refused when its %s belongs to an account',
    (kind) => {
      const request = signIn({ attributes: attributes('userName', 'verifiedEmail', 'externalId') });
      expect(() => decideResolution(request, [held(kind, ADA)])).toThrow(AccountExistsUnlinkedError);
    },
  );

  it('is refused when somebody has its unverified address verified, and is not linked by it', () => {
    const request = signIn({ attributes: attributes('userName'), linking: 'verifiedEmail' });
    expect(() => decideResolution(request, [held('verifiedEmail', ADA)])).toThrow(AccountExistsUnlinkedError);
  });
});

describe('a subject that a linking rule may join', () => {
  it('is linked to the account that holds the key, also where no accounts are made', () => {
    const request = signIn({ linking: 'verifiedEmail', mayCreate: false });
    const resolution = decideResolution(request, [held('verifiedEmail', ADA)]);
    expect(resolution).toMatchObject({ accountId: ADA, how: 'linked-by-rule' });
    expect(kindsOf(resolution?.claim)).toEqual(['link', 'userName']);
  });

  it('is refused when another key than the rule names is held', () => {
    expect(() => decideResolution(signIn({ linking: 'externalId' }), [held('userName', ADA)])).toThrow(
      AccountExistsUnlinkedError,
    );
  });

  it('is refused when its keys point at two people', () => {
    const both = [held('verifiedEmail', ADA), held('userName', BOB)];
    expect(() => decideResolution(signIn({ linking: 'verifiedEmail' }), both)).toThrow(AccountExistsUnlinkedError);
  });
});

describe('a linked subject', () => {
  const all = [held('link', ADA), held('userName', ADA), held('verifiedEmail', ADA)];

  it('is its account, and claims nothing when nothing changed', () => {
    expect(decideResolution(signIn(), all)).toEqual({ accountId: ADA, how: 'link', claim: [] });
  });

  it('claims a changed address before it is recorded', () => {
    expect(kindsOf(decideResolution(signIn(), all.slice(0, 2))?.claim)).toEqual(['verifiedEmail']);
  });

  it('is refused when its changed user name belongs to another account', () => {
    expect(() => decideResolution(signIn(), [held('link', ADA), held('userName', BOB)])).toThrow(UsernameTakenError);
  });

  it('leaves a changed address with the account that has it verified', () => {
    const resolution = decideResolution(signIn(), [
      held('link', ADA),
      held('userName', ADA),
      held('verifiedEmail', BOB),
    ]);
    expect(resolution).toEqual({ accountId: ADA, how: 'link', claim: [] });
  });

  it('is not troubled by a name that its connection would not take over', () => {
    const taken = [held('link', ADA), held('userName', BOB)];
    expect(decideResolution(signIn({ update: 'never' }), taken)).toEqual({ accountId: ADA, how: 'link', claim: [] });
    expect(kindsOf(decideResolution(signIn({ update: 'fillEmpty' }), taken)?.claim)).toEqual(['verifiedEmail']);
  });

  it('stays with the account in the making when an earlier request died after its claim', () => {
    const claims = [claimed('link', ADA), claimed('userName', ADA), claimed('verifiedEmail', ADA)];
    expect(decideResolution(signIn(), claims)).toEqual({ accountId: ADA, how: 'new', claim: [] });
  });

  it('is still to be recorded as linked when an earlier request died after a claim by rule', () => {
    const claims = [held('link', ADA, { confirmed: false }), held('userName', ADA), held('verifiedEmail', ADA)];
    expect(decideResolution(signIn(), claims)?.how).toBe('linked-by-rule');
  });
});
