import { setTimeout as delay } from 'node:timers/promises';
import { BrowserLess } from './browser-less.js';
import { type ApiAnswer, api, type Installation, signIn } from './installation.js';
import type { TestPerson } from './test-idp.js';

/** How long what follows from something may take where ten processes share a machine, in milliseconds. */
const WITHIN_MS = 60_000;

/** What governs the story, as it stands in the configuration of `acme`. */
export const STORY_POLICIES = [
  '{ id: privileged-grants, kind: review, triggers: [privilegedRoleGranted], reviewers: [boss@acme.example], due: P7D }',
  '{ id: elevate-crm, kind: elevation, roles: [crm.admin], maxDuration: PT1H, approvers: [boss@acme.example], approvals: 1 }',
  '{ id: apart, kind: sod, roles: [[crm.reader], [acme.only]] }',
];

const boss: TestPerson = { nameId: 'id-of-boss', email: 'boss@acme.example', firstName: 'Olga', lastName: 'Lindqvist' };
const ada: TestPerson = { nameId: 'id-of-ada', email: 'ada@acme.example', groups: ['crm-admins'] };
const eve: TestPerson = { nameId: 'id-of-eve', email: 'eve@acme.example', firstName: '=1+1', lastName: 'Åström; "E"' };
const gus: TestPerson = { nameId: 'id-of-gus', email: 'gus@acme.example', firstName: 'Gus', lastName: 'Gone' };
const yusuf: TestPerson = { nameId: 'id-of-yusuf', email: 'yusuf@globex.example' };
const stranger: TestPerson = { nameId: 'stranger', email: 'stranger@elsewhere.example' };

const REASON = 'needed for the project; "soon"';

/** People of an installation, and those who look after them. Everything waits for what follows from it. */
export class Story {
  constructor(private readonly installation: Installation) {}

  /**
   * People come, and one is turned away; one is given by hand what must not go together with what she has; a reviewer takes a privileged
   * role back, which is then lent for a while; and one leaves. For one of the policies above each.
   * @returns an instant after the first of them had come, ISO-8601
   */
  async live(): Promise<string> {
    const bossId = await this.#arrives(boss);
    const adaId = await this.#arrives(ada);
    const middle = new Date().toISOString();
    const eveId = await this.#arrives(eve);
    const gusId = await this.#arrives(gus);
    await this.#arrives(yusuf, 'globex');
    await signIn(new BrowserLess(), this.installation, stranger);
    await this.post(`/api/v1/accounts/${eveId}/grants?tenant=acme`, { role: 'acme.only', reason: REASON });
    await this.#one('/api/v1/findings?tenant=acme&kind=sod');
    await this.#losesAndBorrows(adaId, bossId);
    await this.post(`/api/v1/accounts/${gusId}/deactivate?tenant=acme`, { reason: REASON });
    return middle;
  }

  /** Something that happens when all of it is over. */
  async goOn(): Promise<void> {
    await signIn(new BrowserLess(), this.installation, { ...eve, lastName: 'Later' });
  }

  /** A key of a tenant, or of the installation; answers its secret. */
  async keyWith(tenant: string | null, scopes: readonly string[]): Promise<string> {
    const expiresAt = new Date(Date.now() + 86_400_000).toISOString();
    const body = { ...(tenant === null ? {} : { tenant }), name: 'story', scopes, expiresAt, reason: 'for this story' };
    return (await this.post('/api/v1/keys', body)).secret;
  }

  /** Changes something, with the administrator's key if no other is given. @throws with the answer when it is refused */
  async post(path: string, body: object, key?: string): Promise<ApiAnswer['body']> {
    const answer = await api(this.installation.server, path, { method: 'POST', body, ...(key ? { key } : {}) });
    if (answer.status >= 300) throw new Error(`${path} was refused: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body;
  }

  /** Asks until the answer satisfies. @throws with the last answer when that does not happen in time */
  async until(path: string, satisfies: (body: ApiAnswer['body']) => boolean, key?: string): Promise<ApiAnswer['body']> {
    for (const deadline = Date.now() + WITHIN_MS; ; await delay(50)) {
      const { body } = await api(this.installation.server, path, key ? { key } : {});
      if (satisfies(body)) return body;
      if (Date.now() > deadline) throw new Error(`${path} was not as expected in time: ${JSON.stringify(body)}`);
    }
  }

  async #arrives(person: TestPerson, tenant: 'acme' | 'globex' = 'acme'): Promise<string> {
    const connection = tenant === 'acme' ? 'corp' : 'globex-sso';
    await signIn(new BrowserLess(), this.installation, person, {}, connection);
    return (await this.#one(`/api/v1/accounts?tenant=${tenant}&userName=${person.email}`)).id;
  }

  /** The first of a list, once there is one. */
  async #one(path: string): Promise<ApiAnswer['body']> {
    const { items } = await this.until(path, (body) => body.items?.length > 0);
    return items[0];
  }

  /** Whoever files a request may not approve of it: so there are two keys. */
  async #losesAndBorrows(account: string, reviewer: string): Promise<void> {
    const files = await this.keyWith('acme', ['reviews:decide', 'elevations:write', 'act-as', 'audit:read']);
    const approves = await this.keyWith('acme', ['elevations:write', 'act-as', 'audit:read']);
    const item = await this.#one(`/api/v1/review-items?tenant=acme&status=open&account=${account}`);
    const revoke = { decision: 'revoke', reason: REASON, actAs: reviewer };
    await this.post(`/api/v1/review-items/${item.id}/decisions`, revoke, files);
    await this.until(`/api/v1/review-items/${item.id}?tenant=acme`, ({ status }) => status === 'closed');
    const wanted = { account, role: 'crm.admin', reason: REASON, duration: 'PT30M', actAs: account };
    const { id } = await this.post('/api/v1/elevations', wanted, files);
    await this.post(`/api/v1/elevations/${id}/approve`, { reason: 'go ahead', actAs: reviewer }, approves);
    await this.#one(`/api/v1/access?tenant=acme&account=${account}&role=crm.admin`);
  }
}
