import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  ConfigurationInvalidError,
  fileReferences,
  noReferences,
  type References,
  readConfiguration,
} from './index.js';

let root: string;
let folder: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'gatebook-configuration-'));
  folder = join(root, 'config');
  mkdirSync(join(folder, 'keys'), { recursive: true });
  writeFileSync(join(folder, 'keys', 'okta.pem'), 'PEM of okta');
  writeFileSync(join(root, 'secret.pem'), 'not for you');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

it('the example that comes with the product is accepted, its certificate read from the file beside it', () => {
  const example = join(process.cwd(), 'config');
  const { tenants } = readConfiguration(
    readFileSync(join(example, 'example.yaml'), 'utf8'),
    fileReferences(example, {}),
  );
  expect(tenants[0]?.connections[0]?.saml?.certificates[0]).toMatch(/^-----BEGIN CERTIFICATE-----/);
});

describe('a file: reference of the operator’s own file', () => {
  it('stands for the text of a file below the folder', () => {
    expect(resolved('file:keys/okta.pem')).toBe('PEM of okta');
    expect(resolved('file:./keys/../keys/okta.pem')).toBe('PEM of okta');
    expect(resolved(`file:${join(folder, 'keys/okta.pem')}`)).toBe('PEM of okta');
  });

  it('may follow a link that stays inside', () => {
    symlinkSync(join(folder, 'keys', 'okta.pem'), join(folder, 'current.pem'));
    expect(resolved('file:current.pem')).toBe('PEM of okta');
  });

  it.each(['file:../secret.pem', 'file:keys/../../secret.pem', 'file:/etc/passwd', 'file:.'])(
    'cannot leave the folder: %s',
    (reference) => expect(resolved(reference)).toMatch(/lies outside the folder of the configuration$/),
  );

  it('cannot leave the folder by a link', () => {
    symlinkSync(join(root, 'secret.pem'), join(folder, 'inside.pem'));
    symlinkSync(root, join(folder, 'up'));
    expect(resolved('file:inside.pem')).toMatch(/outside/);
    expect(resolved('file:up/secret.pem')).toMatch(/outside/);
  });

  it('cannot reach a folder whose name only begins like the right one', () => {
    mkdirSync(join(root, 'config-old'));
    writeFileSync(join(root, 'config-old', 'a.pem'), 'old');
    expect(resolved('file:../config-old/a.pem')).toMatch(/outside/);
  });

  it('must lead to a file of moderate size', () => {
    writeFileSync(join(folder, 'large.pem'), 'x'.repeat(65_537));
    writeFileSync(join(folder, 'largest.pem'), 'x'.repeat(65_536));
    expect(resolved('file:absent.pem')).toBe('there is no file absent.pem in the folder of the configuration');
    expect(resolved('file:keys')).toBe('keys is not a file of at most 65536 bytes');
    expect(resolved('file:large.pem')).toBe('large.pem is not a file of at most 65536 bytes');
    expect(resolved('file:largest.pem')).toHaveLength(65_536);
  });
});

describe('an env: reference of the operator’s own file', () => {
  const env = { GATEBOOK_SECRET_OKTA: 'PEM', GATEBOOK_ADMIN_KEY: 'admin', GATEBOOK_SECRET_EMPTY: '' };
  const from = (reference: string) => resolved(reference, fileReferences(folder, env));

  it('stands for a variable that is meant for it', () => expect(from('env:GATEBOOK_SECRET_OKTA')).toBe('PEM'));

  it.each(['env:GATEBOOK_ADMIN_KEY', 'env:PATH', 'env:GATEBOOK_SECRET_', 'env:gatebook_secret_okta', 'env:'])(
    'names nothing else: %s',
    (reference) => expect(from(reference)).toMatch(/must name a variable that begins with GATEBOOK_SECRET_$/),
  );

  it.each(['GATEBOOK_SECRET_ABSENT', 'GATEBOOK_SECRET_EMPTY'])('must be set: %s', (name) =>
    expect(from(`env:${name}`)).toBe(`the environment has no ${name}`),
  );
});

describe('a reference in a configuration', () => {
  const text = (certificate: string) => `apiVersion: gatebook/v1
tenants:
  - id: acme
    directories: [{ id: staff }]
    connections:
      - id: okta
        protocol: saml
        directory: staff
        saml:
          idpEntityId: a
          ssoUrl: https://idp.example/sso
          certificates:
            - PEM
            - ${certificate}
`;

  it('is replaced by what it stands for', () =>
    expect(
      readConfiguration(text('file:keys/okta.pem'), fileReferences(folder, {})).tenants[0]?.connections[0]?.saml
        ?.certificates,
    ).toEqual(['PEM', 'PEM of okta']));

  it('that leads nowhere is told with its line', () =>
    expect(problems(() => readConfiguration(text('file:gone.pem'), fileReferences(folder, {})))).toEqual([
      {
        line: 14,
        path: 'tenants[0].connections[0].saml.certificates[1]',
        problem: 'there is no file gone.pem in the folder of the configuration',
      },
    ]));

  it.each(['file:keys/okta.pem', 'env:GATEBOOK_SECRET_OKTA'])(
    'is refused where it is not the operator’s own file: %s',
    (reference) =>
      expect(problems(() => readConfiguration(text(reference), noReferences))).toEqual([
        expect.objectContaining({ line: 14, problem: expect.stringContaining('operator’s own file only') }),
      ]),
  );
});

function resolved(reference: string, references: References = fileReferences(folder, {})): string {
  try {
    return references.resolve(reference);
  } catch (error) {
    return (error as Error).message;
  }
}

function problems(attempt: () => unknown) {
  try {
    attempt();
  } catch (error) {
    if (error instanceof ConfigurationInvalidError) return error.problems;
    throw error;
  }
  return [];
}
