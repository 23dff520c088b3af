/** A configuration that uses every key, its certificate written out. */
export const WHOLE_CONFIGURATION = `apiVersion: gatebook/v1
tenants:
  - id: acme
    timeZone: Europe/Berlin
    session: { idle: PT1H, max: PT12H }
    guard: { maxLossPercent: 10 }
    retention: { refusals: P90D }
    reactivation: { restoreWithin: P30D }
    directories: [{ id: staff }, { id: partners }]
    roles:
      - { id: crm.reader, application: crm, name: CRM reader, privileged: false }
      - { id: crm.admin, application: crm, name: CRM administrator, privileged: true, risk: high, maxDuration: PT8H, owner: ada@acme.example }   # risk: low | medium | high
    connections:
      - id: okta
        protocol: saml
        directory: staff
        enabled: true
        domains: [acme.example]          # routes, and says what the connection owns
        jit: { create: true, update: everySignIn, required: [email], allowedDomains: [acme.example] }   # default: domains
        linking: none                    # externalId | verifiedEmail | userName
        subject: nameId                  # or { attribute: employeeNumber, caseInsensitive: true }
        trustEmail: true
        saml:
          idpEntityId: http://www.okta.com/exk...
          ssoUrl: https://acme.okta.com/app/.../sso/saml
          certificates:
            - |
              -----BEGIN CERTIFICATE-----
              MIIBszCCAVmgAwIBAgIUB2xvY2FsLXNhbXBsZS1vbmx5MAoGCCqGSM49BAMCMA==
              -----END CERTIFICATE-----
          spEntityId: https://gatebook.acme.example/saml/okta/metadata   # default: GATEBOOK_PUBLIC_URL/saml/{connection}/metadata
          allowIdpInitiated: false
          requireSigned: assertion       # either (default) | response | both
          clockSkew: PT60S
        attributes: { userName: nameId, email: email, givenName: firstName, familyName: lastName, department: department, manager: managerEmail }
        groups: { attribute: groups, whenMissing: unknown, names: { 8f3c…: Engineering } }
        rules:
          - { id: everyone, when: always, grant: [crm.reader] }
          - { id: admins, when: { group: crm-admins }, grant: [crm.admin] }
`;
