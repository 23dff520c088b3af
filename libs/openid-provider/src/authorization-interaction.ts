import type { IncomingMessage, ServerResponse } from 'node:http';
import type { InteractionResults, default as ProtocolEngine } from 'oidc-provider';
import { DomainError } from '#libs/kernel';
import { idHash } from './application-grants.js';

/** The browser has no request of an application under way here. */
export class NoRequestUnderWayError extends DomainError {
  readonly code = 'no-request-under-way';
  readonly kind = 'notFound';
  constructor() {
    super(
      'This request of the application is over, or began in another browser. Go back to the application and start again.',
    );
  }
}

/** How somebody comes in. */
export interface AdmittedPerson {
  readonly account: string;
  readonly grantId: string;
  readonly signedInAt: Date;
  /** `acr` of the ID token; null where the source said nothing. */
  readonly context: string | null;
  /** `amr` of the ID token. */
  readonly methods: readonly string[];
}

/** An authorization request that waits for its person. Bound to the browser by a cookie. */
export interface AuthorizationInteraction {
  readonly uid: string;
  /** Names the request where everybody may read it. */
  readonly publicName: string;
  readonly clientId: string;
  /** As the engine admitted them. */
  readonly scope: string;
  /** What the client already has in the engine's session, if that is this person's. */
  readonly grantId: string | undefined;
  /** Which sign-ins will do: `prompt=login` and `max_age` (OpenID Connect Core 1.0 §3.1.2.1), and since when one was asked for. */
  demands(now: Date): { readonly after: Date | null; readonly sentAt: Date | null };
  /** Keeps that the person was sent to sign in. */
  sentToSignIn(now: Date): Promise<void>;
  /** Parts from the engine's session if that is somebody else's: the browser changed hands. */
  belongsTo(account: string): Promise<void>;
  /** @returns where the browser goes on */
  admit(person: AdmittedPerson): Promise<string>;
  /** @returns where the browser goes on; the client is told `access_denied` */
  refuse(why: string): Promise<string>;
}

type EngineInteraction = Awaited<ReturnType<ProtocolEngine['interactionDetails']>>;

/** What is kept in the interaction between its pages. */
interface Kept {
  readonly sentAt?: string;
}

/** Finds the request that this browser has under way. @throws {NoRequestUnderWayError} */
export async function authorizationInteraction(
  engine: ProtocolEngine,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<AuthorizationInteraction> {
  const found = await engine.interactionDetails(request, response).catch((error: Error) => {
    if (error.name === 'SessionNotFound') throw new NoRequestUnderWayError();
    throw error;
  });
  const { uid, params } = found;
  const kept = ((found.result as { gatebook?: Kept } | undefined)?.gatebook ?? {}) as Kept;
  const sentAt = kept.sentAt ? new Date(kept.sentAt) : null;
  const go = (result: InteractionResults) =>
    engine.interactionResult(request, response, result, { mergeWithLastSubmission: false });
  return {
    uid,
    publicName: idHash(uid),
    clientId: String(params['client_id']),
    scope: String(params['scope'] ?? ''),
    grantId: found.grantId,
    demands: (now) => ({ after: earliestSignIn(found, sentAt, now), sentAt }),
    async sentToSignIn(now) {
      found.result = { gatebook: { sentAt: now.toISOString() } satisfies Kept } as InteractionResults;
      await found.persist();
    },
    async belongsTo(account) {
      if (!found.session || found.session.accountId === account) return;
      const former = await engine.Session.find(found.session.cookie ?? '');
      await former?.destroy();
      Object.assign(found, { session: undefined, grantId: undefined });
      await found.persist();
    },
    admit: ({ account, grantId, signedInAt, context, methods }) =>
      go({
        login: {
          accountId: account,
          ts: Math.floor(signedInAt.getTime() / 1000),
          ...(context === null ? {} : { acr: context }),
          ...(methods.length === 0 ? {} : { amr: [...methods] }),
        },
        consent: { grantId },
      }),
    refuse: (why) => go({ error: 'access_denied', error_description: why }),
  };
}

/** A session from before will not do for `prompt=login`, nor an older one than `max_age`; whatever comes of having asked will. */
function earliestSignIn({ params }: EngineInteraction, sentAt: Date | null, now: Date): Date | null {
  const maxAge = params['max_age'];
  const asksAnew = String(params['prompt'] ?? '')
    .split(' ')
    .includes('login');
  if (!asksAnew && maxAge === undefined) return null;
  if (sentAt !== null) return sentAt;
  return asksAnew ? now : new Date(now.getTime() - Number(maxAge) * 1000);
}
