import { z } from 'zod';
import { CLIENT_SECRET_LENGTH_MAX, CLIENT_SECRET_LENGTH_MIN } from '#libs/openid-provider';
import { id, text } from './schema-parts.js';

/** Hosts of this machine, where an application in development may be reached without TLS. */
const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** An address of an application: compared as it is written, so without what a browser would add or drop. */
export const applicationUrl = z
  .string()
  .max(2048)
  .refine((value) => {
    const url = URL.parse(value);
    if (url === null || value.includes('#') || value.includes('*') || url.username !== '') return false;
    return url.protocol === 'https:' || (url.protocol === 'http:' && LOOPBACK.test(url.hostname));
  }, 'must be an https address without fragment, user or wildcard (http only on this machine)');

/** Whether a text is an address that an application may have here. */
export const isApplicationUrl = (text: string): boolean => applicationUrl.safeParse(text).success;

const clientId = id.describe('Unique in the whole installation. The id of a removed client stays taken.');

/** An application that signs people in through Gatebook, as it stands in the file. */
export const client = z.strictObject({
  clientId,
  name: text(200).optional().describe('What people read; left out, the client id.'),
  enabled: z.boolean().default(true).describe('Whether the application may sign people in.'),
  tokenEndpointAuthMethod: z
    .enum(['client_secret_basic', 'client_secret_post', 'none'])
    .default('client_secret_basic')
    .describe('How the application proves who it is; `none` for one that cannot keep a secret.'),
  clientSecret: z
    .string()
    .min(CLIENT_SECRET_LENGTH_MIN)
    .max(CLIENT_SECRET_LENGTH_MAX)
    .nullable()
    .default(null)
    .describe(
      `An \`env:\` or \`file:\` reference, at least ${CLIENT_SECRET_LENGTH_MIN} characters. Only its HMAC is kept; not for \`none\`.`,
    )
    .meta({ title: 'secret' }),
  redirectUris: z
    .array(applicationUrl)
    .min(1)
    .max(20)
    .describe('Where people are sent back to; compared character by character.'),
  postLogoutRedirectUris: z
    .array(applicationUrl)
    .max(20)
    .default([])
    .describe('Where people may be sent after signing out.'),
  backchannelLogoutUri: applicationUrl
    .nullable()
    .default(null)
    .describe('Where the application takes notice of sign-outs (OpenID Connect Back-Channel Logout 1.0).'),
  rolesOf: id.describe('The application of the catalogue whose roles the client is told, and no others.'),
  connections: z.array(id).min(1).max(100).describe('Connections of this tenant through which people come in.'),
  admitWithoutRole: z
    .boolean()
    .default(false)
    .describe('Whether people without any role of the application are let in.'),
  requireAuthenticationContext: z
    .array(text(1024))
    .max(20)
    .default([])
    .describe('`AuthnContextClassRef`, `acr` or `amr` values, or aliases of the connection, of which one is needed.'),
  refresh: z.boolean().default(true).describe('Whether the client gets refresh tokens; each can be used once.'),
});

/** A client of the file, defaults filled in. */
export type ClientConfiguration = z.infer<typeof client>;
