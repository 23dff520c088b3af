/** Policies of every kind, in their short forms, as a person writes them. */
export const POLICIES = `      - id: privileged-grants
        kind: review
        triggers: [privilegedRoleGranted, roleGrantedByChangedRule, managerChanged]
        reviewers: [roleOwner, manager]        # in this order of preference
        fallback: [ciso@acme.example]
        due: P7D
        noResponse: keep                       # keep | revoke | recommendation
      - { id: quarterly-crm, kind: review, schedule: "0 6 1 */3 *", scope: { application: crm }, reviewers: [manager], fallback: [ciso@acme.example], due: P14D, control: "SOC 2 CC6.2" }
      - { id: maker-checker, kind: sod, roles: [[pay.create], [pay.approve]], mode: preventive }     # detective | preventive
      - { id: elevate-prod, kind: elevation, roles: [prod.admin], maxDuration: PT4H, approvers: [roleOwner], approvals: 1 }
      - { id: dormant-90, kind: dormant, after: P90D, action: review }                               # finding | review | deactivate
      - { id: jit-mfa, kind: conformance, event: UserProvisioned, require: [{ authenticationContext: mfa }, { attribute: manager, present: true }], action: finding }
`;

/** A configuration with these policies of acme and the roles that they name; `tenant` adds keys. */
export const configurationWith = (policies: string, tenant = ''): string => `apiVersion: gatebook/v1
tenants:
  - id: acme
    timeZone: Europe/Berlin
    directories: [{ id: staff }]
    applications: [{ id: crm, owner: ada@acme.example }, { id: wiki, name: The wiki }]
    roles:
      - { id: crm.reader, application: crm, name: CRM reader }
      - { id: pay.create, application: pay, name: Makes payments }
      - { id: pay.approve, application: pay, name: Approves payments }
      - { id: prod.admin, application: prod, name: Production, privileged: true, risk: high, maxDuration: PT8H }
    connections:
      - { id: okta, protocol: saml, directory: staff, saml: { idpEntityId: a, ssoUrl: https://idp.example/sso, certificates: [PEM] } }
    policies:
${policies}${tenant}`;
