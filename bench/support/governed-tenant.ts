import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EventToAppend } from '#libs/event-store';
import type { Engine } from '#libs/platform';
import { by, Chronicle, type Fact, grantId, type Person, person, provisioned } from '#libs/testing';

/** Name of a role that everybody holds. */
export const roleOf = (nth: number) => `crm.role-${nth}`;
/** Nobody holds it at first. */
export const PRIVILEGED_ROLE = 'prod.admin';

/** A review policy that asks the manager whenever somebody is given the privileged role. */
export const TRIGGERED_POLICY = 'privileged-grants';

/** People whose events are encoded together, so that their keys are made in one statement. */
const ENCODED_TOGETHER = 100;
/** Appends at a time. */
const CALLERS = 64;

/** How large a tenant is. */
export interface TenantSize {
  readonly people: number;
  /** Of the people, those whom the others name as their manager. */
  readonly managers: number;
  /** Of each person. */
  readonly grants: number;
}

/** The n-th person of the tenant; the first of them are the managers. */
export function personOfTenant(nth: number, { managers }: TenantSize): Person {
  const others = { department: `department-${nth % 40}`, title: `title-${nth % 25}` };
  return person(`Person${nth}`, 'Example', { ...others, manager: `person${(nth + 1) % managers}@acme.example` });
}

/** Writes the configuration of the tenant acme: its roles and the policy. @returns its path */
export function writeGovernedTenant(folder: string, { grants }: TenantSize): string {
  const roles = Array.from(
    { length: grants },
    (_, nth) => `{ id: ${roleOf(nth)}, application: crm, name: Role ${nth} }`,
  );
  const privileged = `{ id: ${PRIVILEGED_ROLE}, application: prod, name: Production, privileged: true, risk: high }`;
  const path = join(folder, 'gatebook.yaml');
  writeFileSync(
    path,
    `apiVersion: gatebook/v1
tenants:
  - id: acme
    directories: [{ id: staff }]
    roles:
${[...roles, privileged].map((role) => `      - ${role}\n`).join('')}
    policies:
      - { id: ${TRIGGERED_POLICY}, kind: review, triggers: [privilegedRoleGranted], reviewers: [manager], due: P7D }
`,
  );
  return path;
}

/** Records everybody and what they hold, as quickly as can be: one append of two events each. */
export async function recordPeople({ codec, store }: Engine, size: TenantSize): Promise<void> {
  for (let done = 0; done < size.people; done += ENCODED_TOGETHER) {
    const count = Math.min(ENCODED_TOGETHER, size.people - done);
    const histories = Array.from({ length: count }, (_, index) => historyOf(done + index, size));
    const encoded = await codec.encode(histories.flat());
    const appends = histories.map(([first], index) => ({
      stream: first?.stream ?? '',
      events: encoded.slice(index * 2, index * 2 + 2),
    }));
    await appendAll({ store }, appends, CALLERS);
  }
}

/** Appends to new streams, so many at a time. */
export async function appendAll(
  { store }: Pick<Engine, 'store'>,
  appends: readonly { readonly stream: string; readonly events: readonly EventToAppend[] }[],
  atOnce: number,
): Promise<void> {
  const waiting = appends.values();
  const caller = async () => {
    for (const { stream, events } of waiting) await store.append(stream, -1, events);
  };
  await Promise.all(Array.from({ length: atOnce }, caller));
}

function historyOf(nth: number, size: TenantSize) {
  const someone = personOfTenant(nth, size);
  return new Chronicle().record(provisioned(someone), allGrants(someone, size));
}

/** Everything at once, as a sign-in gives it. */
function allGrants(someone: Person, { grants }: TenantSize): Fact {
  const { tenant, account } = someone;
  const source = by('okta', 'everyone');
  const given = (at: string, role: string) => ({
    id: grantId(someone, role),
    role,
    source,
    effectiveAt: at,
    until: null,
  });
  const event = (at: string) => ({
    type: 'RolesAssigned',
    data: {
      account,
      grants: Array.from({ length: grants }, (_, index) => given(at, roleOf(index))),
      evidence: null,
      because: Array.from({ length: grants }, () => []),
      reason: null,
    },
  });
  return { category: 'account', tenant, id: account, event };
}
