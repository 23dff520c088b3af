/** The manifests of `deploy/kubernetes`, as far as they can be checked without a cluster: what they refer to is there, and it fits. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { parse, parseAllDocuments } from 'yaml';
import { homeOf, ROUTES, readEnvironment } from '#libs/platform';

const FOLDER = 'deploy/kubernetes';
/** Made by the operator: they hold secrets, or are the operator's own. */
const BY_THE_OPERATOR = ['gatebook-connections', 'gatebook-keyring', 'gatebook-config'];

// biome-ignore lint/suspicious/noExplicitAny: documents of many kinds, looked into at a few places
type Manifest = any;

const files = readdirSync(FOLDER).filter((file) => file !== 'kustomization.yaml');
const manifests: Manifest[] = files.flatMap((file) =>
  parseAllDocuments(readFileSync(`${FOLDER}/${file}`, 'utf8')).map((document) => {
    if (document.errors.length > 0) throw document.errors[0];
    return document.toJS();
  }),
);
const ofKind = (kind: string) => manifests.filter((one) => one.kind === kind);
const deployments: [string, Manifest][] = ofKind('Deployment').map((one) => [one.metadata.name, one]);
const settings = ofKind('ConfigMap')[0].data as Record<string, string>;

it('every manifest is applied, in one namespace', () => {
  expect(parse(readFileSync(`${FOLDER}/kustomization.yaml`, 'utf8')).resources.sort()).toEqual([...files].sort());
  const elsewhere = manifests.filter(({ kind, metadata }) => kind !== 'Namespace' && metadata.namespace !== 'gatebook');
  expect(elsewhere).toEqual([]);
});

describe.each(deployments)('the server %s', (name, { spec }) => {
  const pod = spec.template.spec;
  const [container] = pod.containers;

  it('is one that there is, in a pinned image', () => {
    expect(container.command.at(-1)).toBe(`dist/apps/${name}/src/main.js`);
    expect(existsSync(`apps/${name}/src/main.ts`)).toBe(true);
    expect(container.image).toMatch(/:\d+\.\d+\.\d+$/);
  });

  it('is selected by its own labels, by its service and by its disruption budget', () => {
    const { labels } = spec.template.metadata;
    const selectors = [...ofKind('Service'), ...ofKind('PodDisruptionBudget')]
      .filter(({ metadata }) => metadata.name === name)
      .map((one) => one.spec.selector.matchLabels ?? one.spec.selector);
    expect(selectors.length).toBeGreaterThan(0);
    for (const selector of [spec.selector.matchLabels, ...selectors]) expect(labels).toEqual(selector);
    const others = deployments.filter(([other]) => other !== name);
    expect(others.map(([, other]) => other.spec.template.metadata.labels)).not.toContainEqual(labels);
  });

  it('survives the loss of a node', () => {
    const budget = ofKind('PodDisruptionBudget').find(({ metadata }) => metadata.name === name);
    expect(budget.spec.minAvailable).toBeLessThan(spec.replicas);
  });

  it('is probed where servers answer', () => {
    const port = container.ports[0];
    expect(String(port.containerPort)).toBe(settings['PORT']);
    for (const [probe, path] of [
      ['startupProbe', '/health/live'],
      ['livenessProbe', '/health/live'],
      ['readinessProbe', '/health/ready'],
    ] as const)
      expect(container[probe].httpGet).toEqual({ path, port: port.name });
  });

  it('has bounds and no rights', () => {
    for (const one of [...pod.initContainers, ...pod.containers]) {
      expect(one.resources).toMatchObject({
        requests: { cpu: expect.anything() },
        limits: { memory: expect.anything() },
      });
      expect(one.securityContext).toMatchObject({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      });
    }
    expect(pod).toMatchObject({ automountServiceAccountToken: false, securityContext: { runAsNonRoot: true } });
  });

  it('is told only what it understands', () => {
    const own = Object.fromEntries(
      (container.env ?? []).map(({ name, value }: Record<string, string>) => [name, value]),
    );
    const connections = {
      DATABASE_URL: 'postgresql://db/gatebook',
      EVENT_STORE_URL: 'kurrentdb://store:2113',
      KAFKA_BROKERS: 'kafka:9092',
    };
    const read = readEnvironment({ ...settings, ...own, ...connections });
    expect([read.warnings, read.keyring]).toEqual([[], 'file:/keyring/keyring.json']);
  });

  it('mounts what is there', () => {
    const volumes = pod.volumes.map((volume: Manifest) => volume.name);
    for (const one of [...pod.initContainers, ...pod.containers])
      for (const mount of one.volumeMounts) expect(volumes).toContain(mount.name);
    const references =
      JSON.stringify(pod).match(/"(?:secretName|configMap":\{"name|secretRef":\{"name)":"([^"]+)"/g) ?? [];
    const named = references.map((reference) => /"([^"]+)"$/.exec(reference)?.[1]);
    expect(named.filter((reference) => !BY_THE_OPERATOR.includes(reference as string))).toEqual([]);
  });
});

describe('the Ingress', () => {
  const [ingress] = ofKind('Ingress');
  const paths: Manifest[] = ingress.spec.rules[0].http.paths;

  it('sends every route to its home, by a port that the home has', () => {
    const built = ROUTES.filter(({ home }) => existsSync(`apps/${home}`));
    expect(paths.map(({ path, backend }) => [path, backend.service.name])).toEqual(
      built.map(({ prefix, home }) => [prefix, home]),
    );
    for (const { path, backend } of paths) {
      expect(homeOf(path)).toBe(backend.service.name);
      const service = ofKind('Service').find(({ metadata }) => metadata.name === backend.service.name);
      expect(service.spec.ports.map((port: Manifest) => port.name)).toContain(backend.service.port.name);
    }
  });

  it('serves the address that Gatebook says is its own', () =>
    expect(`https://${ingress.spec.rules[0].host}`).toBe(settings['GATEBOOK_PUBLIC_URL']));
});

const client = spawnSync('kubectl', ['version', '--client']).status === 0;
if (!client) console.warn('SKIPPED: "kubectl kustomize" is not run: this machine has no kubectl.');
(client ? it : it.skip)('kubectl puts the whole together', () => {
  const { stdout, stderr, status } = spawnSync('kubectl', ['kustomize', FOLDER], { encoding: 'utf8' });
  expect([status, stderr]).toEqual([0, '']);
  expect(parseAllDocuments(stdout)).toHaveLength(manifests.length);
});
