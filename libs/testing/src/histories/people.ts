import type { Profile } from '#libs/contracts';
import { seededId } from './seeded-id.js';

/** Somebody of a history. */
export interface Person {
  readonly tenant: string;
  /** Account id. */
  readonly account: string;
  readonly directory: string;
  readonly profile: Profile;
}

/** Makes a person up from a given and a family name: `person('Ada', 'Okafor')` is ada@acme.example in the tenant acme. */
export function person(
  givenName: string,
  familyName: string,
  over: Partial<Profile> & { tenant?: string } = {},
): Person {
  const { tenant = 'acme', ...profile } = over;
  const userName = `${givenName.toLowerCase()}@${tenant}.example`;
  return {
    tenant,
    account: seededId('account', tenant, userName),
    directory: 'staff',
    profile: {
      userName,
      displayName: `${givenName} ${familyName}`,
      givenName,
      familyName,
      email: userName,
      externalId: null,
      employeeNumber: null,
      employeeType: null,
      title: null,
      department: null,
      costCenter: null,
      manager: null,
      attributes: {},
      ...profile,
    },
  };
}

/** Engineer in the tenant acme. */
export const ada = person('Ada', 'Okafor', { department: 'Engineering', manager: 'olga@acme.example' });
/** Head of engineering in the tenant acme. */
export const olga = person('Olga', 'Lindqvist', { department: 'Engineering', employeeNumber: '1001' });
/** Accountant in the tenant acme. */
export const bo = person('Bo', 'Marchetti', { department: 'Finance', manager: '1001' });
/** Somebody of another customer, the tenant globex. */
export const yusuf = person('Yusuf', 'Tanaka', { tenant: 'globex' });
