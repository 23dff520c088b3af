import { DomainError } from '#libs/kernel';

/** Why a verified person is not let in. The text is shown to them, so it says what they can do. */
export const ADMISSION_CODES = {
  'connection-disabled': 'This way of signing in is switched off. Ask your administrator to enable the connection.',
  'transient-subject':
    'Your identity provider sent a name that changes at every sign-in. Your administrator has to choose a persistent NameID or an attribute as the subject.',
  'missing-subject':
    'Your identity provider did not send the attribute that identifies you. Your administrator can see in the connection which one is expected.',
  'missing-attribute':
    'Your identity provider did not send everything that an account needs. Your administrator can see in the connection which attributes are required.',
  'foreign-domain': 'Your e-mail address lies outside the domains that this connection may sign in.',
  'jit-disabled':
    'You have no account here, and this connection does not create accounts. Ask your administrator for one.',
  'account-exists-unlinked':
    'An account with your name or address exists, but it is not linked to this way of signing in. Ask your administrator to link it.',
  'username-taken':
    'Your user name has changed to one that another account holds. Ask your administrator to resolve this.',
  'account-deactivated': 'Your account is deactivated. Ask your administrator to reactivate it.',
  'account-expired': 'Your account has reached its end date. Ask your sponsor or administrator.',
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
  ) {
    super(ADMISSION_CODES[code]);
  }
}
