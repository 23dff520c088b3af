/**
 * The columns of the read model that hold personal data in clear: all of them, and nowhere else is any. Everything in the read model can
 * be rebuilt from the log, where the same data is encrypted under its person's key.
 */
export const PERSONAL_COLUMNS: Readonly<Record<string, readonly string[]>> = {
  'read_model.accounts_v1': [
    'sponsor',
    'user_name',
    'display_name',
    'given_name',
    'family_name',
    'email',
    'external_id',
    'employee_number',
    'employee_type',
    'title',
    'department',
    'cost_center',
    'manager',
    'attributes',
    'links',
  ],
  'read_model.account_history_v2': [
    'sponsor',
    'user_name',
    'display_name',
    'email',
    'employee_number',
    'employee_type',
    'title',
    'department',
    'manager',
  ],
  'read_model.roles_v1': ['owner'],
  'read_model.grant_origins_v1': ['reason'],
  'read_model.grant_ends_v1': ['reason'],
  'read_model.access_reviews_v1': ['title'],
  'read_model.elevations_v1': ['reason'],
  'read_model.sod_exceptions_v1': ['owner', 'control', 'reason'],
  'read_model.held_changes_v1': ['reason'],
};
