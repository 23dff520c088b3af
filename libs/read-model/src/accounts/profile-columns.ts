import type { Profile } from '#libs/contracts';
import type { AccountRow } from './accounts.table.js';

/** The columns that a profile fills. */
export type ProfileColumns = Pick<
  AccountRow,
  | 'user_name'
  | 'display_name'
  | 'given_name'
  | 'family_name'
  | 'email'
  | 'external_id'
  | 'employee_number'
  | 'employee_type'
  | 'title'
  | 'department'
  | 'cost_center'
  | 'manager'
  | 'attributes'
>;

/** An erased person's profile reads as one text; it stands where the name stood, and nothing else is known. */
export function profileColumns(profile: Profile | string): ProfileColumns {
  if (typeof profile === 'string') return { ...NOTHING_KNOWN, user_name: profile };
  return {
    user_name: profile.userName,
    display_name: profile.displayName,
    given_name: profile.givenName,
    family_name: profile.familyName,
    email: profile.email,
    external_id: profile.externalId,
    employee_number: profile.employeeNumber,
    employee_type: profile.employeeType,
    title: profile.title,
    department: profile.department,
    cost_center: profile.costCenter,
    manager: profile.manager,
    attributes: profile.attributes,
  };
}

const NOTHING_KNOWN: Omit<ProfileColumns, 'user_name'> = {
  display_name: null,
  given_name: null,
  family_name: null,
  email: null,
  external_id: null,
  employee_number: null,
  employee_type: null,
  title: null,
  department: null,
  cost_center: null,
  manager: null,
  attributes: {},
};
