import type { Preset } from './preset.js';

/** GitHub by OAuth 2.0, which has no ID token: the profile is read with the access token. */
export const githubOauth2: Preset = {
  name: 'github-oauth2',
  title: 'GitHub',
  protocol: 'oauth2',
  settings: {
    oauth2: {
      authorizationUrl: 'https://github.com/login/oauth/authorize',
      tokenUrl: 'https://github.com/login/oauth/access_token',
      profileUrl: 'https://api.github.com/user',
      emailsUrl: 'https://api.github.com/user/emails',
      scopes: ['read:user', 'user:email'],
      subject: 'id',
      email: 'email',
      emailVerified: 'email_verified',
    },
    subject: 'nameId',
    attributes: {
      userName: 'login',
      email: 'email',
      displayName: { firstOf: ['name', 'login'] },
      externalId: 'nameId',
    },
    groups: { attribute: 'groups', whenMissing: 'unknown' },
  },
  screens: [
    {
      title: 'Organization → Settings → Developer settings → OAuth Apps → New OAuth App',
      steps: [
        'Homepage URL: your Gatebook. Authorization callback URL: {redirectUri}',
        'Client ID is shown; Generate a new client secret, whose value is shown once.',
      ],
    },
  ],
  traps: [
    'Everybody in the world has a GitHub account: bound who may come in with admission, invitationOnly or allowedDomains.',
    'The name login can be given up and taken by somebody else: people are identified by the number id.',
    'Nothing is signed: what GitHub says is as good as the connection to it. Only the verified primary address counts.',
    'Public profiles show no address: the addresses are read separately, which needs the scope user:email.',
  ],
};
