import type { TenantSettings } from '#libs/contracts';
import { tenantDecider } from '#libs/domain';
import { decideAndAppend, readAggregate } from '#libs/event-store';
import { streamName } from '#libs/kernel';
import { ENVIRONMENT, type Environment } from '#libs/platform';
import type { GovernanceServer } from '../governance-server.fixture.js';

/** A policy as a request says it. */
export const WATCH = { kind: 'dormant', after: 'P90D', owner: 'olga' };

/** Somebody who makes or answers changes. */
export interface Hand {
  /** Headers of their session, or of a key. */
  readonly headers: Record<string, string>;
}

/** What a server answered. */
export interface Answer<Body> {
  readonly status: number;
  readonly body: Body;
}

/** Requests about changes to a server. */
export interface ChangesWorld {
  /** So many others must approve of changes of policies from now on. */
  wantSecondPerson(approvals: number): Promise<void>;
  /** Somebody who holds gatebook.admin, signed in. */
  admin(userName: string): Promise<Hand>;
  send<Body>(by: Hand | null, method: string, path: string, body?: object, key?: string): Promise<Answer<Body>>;
}

/** What tests of changes do; administrators come in by the connection okta, which has to be there. */
export async function changesWorld(server: GovernanceServer): Promise<ChangesWorld> {
  const { acme, path } = server;
  await acme.role('gatebook.admin', { application: 'gatebook', privileged: true });
  const { publicUrl: origin } = server.app.get<Environment>(ENVIRONMENT, { strict: false });
  let requests = 0;
  return {
    async wantSecondPerson(approvals) {
      const stream = streamName({ category: 'tenant', tenant: 'acme', id: 'acme' });
      const { state, revision } = await readAggregate(path, stream, tenantDecider);
      const changeApproval = { connections: 0, rules: 0, policies: approvals, privilegedRoles: 0 };
      const settings = { ...state.settings, changeApproval } as TenantSettings;
      await decideAndAppend(path, stream, tenantDecider, {
        type: 'ConfigureTenant',
        data: { tenant: 'acme', settings, reason: null },
        metadata: acme.metadata(`approvals ${approvals} after ${revision}`),
      });
    },
    async admin(userName) {
      await acme.person(userName);
      await acme.give(userName, 'gatebook.admin');
      return { headers: await acme.session(userName, 'okta') };
    },
    async send(by, method, target, body, key) {
      requests += 1;
      const answer = await server.ask(target, {
        method,
        ...(body ? { body: JSON.stringify(body) } : {}),
        headers: {
          ...(body ? { 'content-type': 'application/json' } : {}),
          'idempotency-key': key ?? `changes-${requests}`,
          ...by?.headers,
          ...(by && 'cookie' in by.headers ? { origin } : {}),
        },
      });
      return { status: answer.status, body: (await answer.json()) as never };
    },
  };
}
