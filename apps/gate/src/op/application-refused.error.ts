import { DomainError } from '#libs/kernel';

const TEXTS = {
  'no-role-in-application':
    'You are signed in, but you hold no role in this application. Ask whoever manages access to it for one.',
  'connection-not-allowed': 'This application does not accept the way in which you signed in. Sign in another way.',
  'stronger-authentication-required':
    'This application needs a stronger sign-in, such as a second factor, and your identity provider did not report one.',
  'fresh-sign-in-required':
    'This application asks that you prove anew who you are, and your identity provider answered with an earlier proof, or did not say when. Sign out there, and try again.',
  'account-not-active': 'Your account cannot be used at present. Ask your administrator.',
  'no-way-of-signing-in': 'No connection of this application admits people at present. Ask your administrator.',
} as const;

/** Why an application is closed to a person. */
export type ApplicationRefusalCode = keyof typeof TEXTS;

/** A person who is signed in, or would sign in, is not let in to an application. */
export class ApplicationRefusedError extends DomainError {
  readonly kind = 'forbidden';
  constructor(readonly code: ApplicationRefusalCode) {
    super(TEXTS[code]);
  }
}
