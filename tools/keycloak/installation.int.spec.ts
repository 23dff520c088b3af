import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const TOOLS = resolve(__dirname, '..');
/** What the tool is made of, without anything that was installed for it. */
const PARTS = ['keycloak', 'cluster', 'set-up-error.mjs', 'set-up-lock.mjs'];

// Goal: where Keycloak cannot be had, the reason says what to do, and what is not Keycloak is never run. Method: a checkout of its own, with
// a `java` and an `mvn` of our own.
describe('whether there can be a Keycloak here', () => {
  let checkout: string;
  beforeEach(() => {
    checkout = mkdtempSync(join(tmpdir(), 'gb-keycloak-tool-'));
    for (const part of PARTS) cpSync(join(TOOLS, part), join(checkout, 'tools', part), { recursive: true });
    mkdirSync(join(checkout, 'bin'));
  });
  afterEach(() => rmSync(checkout, { recursive: true, force: true }));

  const command = (name: string, script: string) => {
    writeFileSync(join(checkout, 'bin', name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(checkout, 'bin', name), 0o755);
  };
  const javaOf = (version: string) => command('java', `echo 'openjdk version "${version}" 2025-01-01' >&2`);
  const whyNot = () => {
    const tool = join(checkout, 'tools/keycloak/keycloak.mjs');
    const asked = spawnSync(process.execPath, [tool, 'why-not'], {
      encoding: 'utf8',
      env: { PATH: join(checkout, 'bin') },
    });
    expect([asked.status, asked.error]).toEqual([0, undefined]);
    return asked.stdout.trim();
  };
  const installed = () => existsSync(join(checkout, '.cache/keycloak/keycloak-26.7.5'));

  it('asks for Java where there is none', () => {
    expect(whyNot()).toContain('no Java on this machine; install 17 or later');
  });

  it.each(['11.0.22', '1.8.0_402'])('says that Java %s is too old', (version) => {
    javaOf(version);
    expect(whyNot()).toContain('is too old for Keycloak; install 17 or later');
  });

  it('asks for Maven where it has to be fetched and there is none', () => {
    javaOf('17.0.15');
    expect(whyNot()).toContain('no Maven to fetch Keycloak with');
  });

  it('names the log when fetching fails, and leaves nothing half done', () => {
    javaOf('17.0.15');
    command('mvn', 'echo "no route to the repository"; [ "$1" = --version ]');
    const [, log = ''] = /see (\S+[.]log)/.exec(whyNot()) ?? [];
    expect(readFileSync(log, 'utf8')).toContain('no route to the repository');
    expect(installed()).toBe(false);
  });

  it('refuses what is not the Keycloak that it knows, before any of it is run', () => {
    javaOf('17.0.15');
    command(
      'mvn',
      `for one in "$@"; do case $one in -DoutputDirectory=*) echo other > "\${one#*=}/keycloak-quarkus-dist-26.7.5.zip";; esac; done`,
    );
    expect(whyNot()).toMatch(
      /^What was fetched is not Keycloak 26[.]7[.]5: SHA-256 [0-9a-f]{64} instead of [0-9a-f]{64}[.]/,
    );
    expect(installed()).toBe(false);
  });
});
