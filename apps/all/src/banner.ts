import { resolve } from 'node:path';
import type { Environment } from '#libs/platform';
import { samplePeople } from '../../demo-idp/src/index.js';

/** What a person wants to know first: where it is, who can sign in, where the data lies. Printed to a terminal; a log gets one line. */
export function banner(
  { publicUrl, dataDir, databaseUrl, demo, adminKey }: Environment,
  setupLink: string | null,
): string {
  const data = databaseUrl ? 'PostgreSQL (DATABASE_URL)' : resolve(dataDir);
  const lines = [
    '',
    '  Gatebook is ready',
    '',
    `  Sign in      ${publicUrl}/login`,
    `  API          ${publicUrl}/docs`,
    `  Data         ${data}`,
    ...(setupLink ? [`  First admin  ${setupLink}   (works once, within 24 hours)`] : []),
    ...(adminKey ? ['  Warning      GATEBOOK_ADMIN_KEY is set: unset it when you have keys of your own'] : []),
    ...(demo ? demoPeople() : []),
    '',
    '  Stop with Ctrl-C',
    '',
  ];
  return lines.join('\n');
}

function demoPeople(): string[] {
  const names = samplePeople.map(({ firstName, shows }) => `    ${firstName.padEnd(10)} ${shows}`);
  return ['', '  Demo: sample people of acme.example, no password', ...names];
}
