import type { CatalogView } from '#libs/catalog';
import type { PolicySettings } from '#libs/contracts';
import { managedAccounts } from '#libs/read-model';
import type { Candidate } from '../candidate.js';
import type { Watch } from '../watches.js';
import { ACCOUNTS_AT_ONCE, type Look, pagesOf } from './looking.js';

/** Managers, owners and people in policies whose name leads to no active account. */
export const unresolvedLook: Look = async function* ({ database, catalog, principals }, { tenant }: Watch) {
  const named = [...ownersIn(catalog, tenant), ...peopleInPolicies(catalog, tenant)];
  const known = await principals.findAll(tenant, [...new Set(named.map(({ principal }) => principal))]);
  yield named.filter(({ principal }) => !known.has(principal)).map(({ candidate }) => candidate);
  const pages = pagesOf((after) => managedAccounts(database, { tenant, after, limit: ACCOUNTS_AT_ONCE }));
  for await (const page of pages)
    for (const directory of new Set(page.map((one) => one.directory))) {
      const managed = page.filter((one) => one.directory === directory);
      const found = await principals.findAll(tenant, [...new Set(managed.map(({ manager }) => manager))], directory);
      yield managed
        .filter(({ manager }) => !found.has(manager))
        .map(({ account }) => ({ code: 'manager-unknown', account }));
    }
};

interface Named {
  readonly principal: string;
  readonly candidate: Candidate;
}

function ownersIn(catalog: CatalogView, tenant: string): Named[] {
  const roles = catalog.roles(tenant).filter(({ status }) => status === 'live');
  const applications = catalog.tenant(tenant)?.settings?.applications ?? [];
  return [
    ...roles.flatMap(({ id: role, owner }) =>
      owner === null
        ? []
        : [{ principal: owner, candidate: { code: 'role-owner-unknown', role, about: `role ${role}` } }],
    ),
    ...applications.flatMap(({ id: application, owner }) =>
      owner === null
        ? []
        : [
            {
              principal: owner,
              candidate: {
                code: 'application-owner-unknown',
                about: `application ${application}`,
                details: { application },
              },
            },
          ],
    ),
  ];
}

/** One finding for each policy, however many of the people that it names are not there. */
function peopleInPolicies(catalog: CatalogView, tenant: string): Named[] {
  return catalog
    .policies(tenant)
    .filter(({ enabled }) => enabled)
    .flatMap(({ id, settings }) => {
      const candidate = { code: 'policy-person-unknown', about: `policy ${id}`, details: { inPolicy: id } };
      return principalsOf(settings).map((principal) => ({ principal, candidate }));
    });
}

function principalsOf(settings: PolicySettings | null): string[] {
  if (settings === null) return [];
  switch (settings.kind) {
    case 'review': {
      const stages = settings.stages.flatMap(({ reviewers, fallback }) => [...named(reviewers), ...fallback]);
      const further = [...(settings.escalation?.to ?? []), ...settings.scope.people];
      return [...stages, ...further, ...(settings.signOff === null ? [] : [settings.signOff])];
    }
    case 'elevation':
      return [...named(settings.approvers), ...settings.fallback];
    default:
      return settings.owner === null ? [] : [settings.owner];
  }
}

const named = (reviewers: readonly { readonly principal: string | null }[]): string[] =>
  reviewers.flatMap(({ principal }) => (principal === null ? [] : [principal]));
