import { DomainError } from '#libs/kernel';

/** Why a verified person is not let in. The text is shown to them, so it says what they can do. */
export const ADMISSION_CODES = {
  'connection-disabled': 'This way of signing in is switched off. Ask your administrator to enable the connection.',
  'provider-metadata-expired':
    'What your identity provider says about itself is out of date, and nothing newer could be read. Your administrator can see in the connection why, and have it read again.',
  'transient-subject':
    'Your identity provider sent a name that changes at every sign-in. Your administrator has to choose a persistent NameID or an attribute as the subject.',
  'missing-subject':
    'Your identity provider did not send the attribute that identifies you. Your administrator can see in the connection which one is expected.',
  'missing-attribute':
    'Your identity provider did not send everything that an account needs. Your administrator can see in the connection which attributes are required.',
  'foreign-domain': 'Your e-mail address lies outside the domains that this connection may sign in.',
  'group-required':
    'Only members of certain groups may sign in this way, and you are in none of them. Ask your administrator to add you to one.',
  'groups-unknown':
    'Your identity provider did not say which groups you are in, and they decide whether you may sign in. Ask your administrator to let it send your groups.',
  'stronger-authentication-required':
    'You have to sign in more strongly at your identity provider, for example with a second factor. Sign in again and use one; if you are not asked for it, tell your administrator.',
  'refused-by-rule': 'A rule of this way of signing in turns you away. Ask your administrator which one it is.',
  'not-allowed':
    'This way of signing in is open to certain people only, and you are not among them. Ask your administrator.',
  'invitation-required':
    'You have no account here, and people sign in this way by invitation only. Ask your administrator to invite you.',
  'jit-disabled':
    'You have no account here, and this connection does not create accounts. Ask your administrator for one.',
  'account-exists-unlinked':
    'An account with your name or address exists, but it is not linked to this way of signing in. Ask your administrator to link it.',
  'username-taken':
    'Your user name has changed to one that another account holds. Ask your administrator to resolve this.',
  'account-deactivated': 'Your account is deactivated. Ask your administrator to reactivate it.',
  'account-expired': 'Your account has reached its end date. Ask your sponsor or administrator.',
  'account-merged': 'Your account was merged with another one of yours a moment ago. Sign in again to reach that one.',
} as const;

/** A stable reason why a verified person was not admitted. */
export type AdmissionCode = keyof typeof ADMISSION_CODES;

/** The connection or the account does not admit this person; recorded as `SignInRefused`, answered with 403. */
export class SignInRefusedError extends DomainError {
  readonly kind = 'forbidden';
  constructor(
    readonly code: AdmissionCode,
    /** The account concerned, where one is known. */
    readonly account: string | null = null,
    /** The rule that turned the person away, as `rule@version`, or the id of a rule of admission; for the record. */
    readonly rule: string | null = null,
  ) {
    super(ADMISSION_CODES[code]);
  }
}
