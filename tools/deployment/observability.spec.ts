/** Dashboard and alert rules ask only for what the servers show. */
import { readdirSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';

const FOLDER = 'deploy/observability';
/** What every process shows of itself, from prom-client. */
const OF_PROCESSES = new Set([
  'process_resident_memory_bytes',
  'process_cpu_seconds_total',
  'nodejs_eventloop_lag_p99_seconds',
]);

const dashboard = JSON.parse(readFileSync(`${FOLDER}/dashboard.json`, 'utf8')) as {
  readonly panels: readonly {
    readonly id: number;
    readonly title: string;
    readonly targets?: readonly { readonly expr: string }[];
  }[];
};
const rules = parse(readFileSync(`${FOLDER}/alerts.yaml`, 'utf8')).groups.flatMap(
  (group: { rules: object[] }) => group.rules,
) as {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly description: string };
}[];

const shown = metricsOfSources();
const asked = (expression: string) => expression.match(/\b(gatebook|process|nodejs)_[a-z0-9_]+/g) ?? [];
const unknown = (expression: string) => asked(expression).filter((name) => !isShown(name));

describe('the metrics of the sources', () => {
  it('are found', () => expect(shown.has('gatebook_http_request_duration_seconds')).toBe(true));
  it('are told from names that nobody shows', () =>
    expect(unknown('rate(gatebook_nothing_total[5m])')).toHaveLength(1));
});

describe('the dashboard', () => {
  const panels = dashboard.panels.filter(({ targets }) => targets);

  it.each(panels.map(({ title, targets = [] }) => [title, targets.map(({ expr }) => expr)] as const))(
    '%s',
    (_title, expressions) => {
      expect(expressions.flatMap(asked).length).toBeGreaterThan(0);
      expect(expressions.flatMap(unknown)).toEqual([]);
    },
  );

  it('numbers its panels, and shows everything that is measured', () => {
    expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length);
    const seen = new Set(panels.flatMap(({ targets = [] }) => targets.flatMap(({ expr }) => asked(expr).map(baseOf))));
    expect([...shown].filter((name) => !seen.has(name))).toEqual([]);
  });
});

describe('the alert rules', () => {
  it.each(rules.map((rule) => [rule.alert, rule] as const))('%s', (_alert, { expr, labels, annotations }) => {
    expect(unknown(expr)).toEqual([]);
    expect(labels.severity).toMatch(/^(page|ticket)$/);
    expect(annotations.description.length).toBeGreaterThan(40);
  });
});

function isShown(name: string): boolean {
  return shown.has(baseOf(name)) || OF_PROCESSES.has(name);
}

/** A histogram is shown as three series. */
function baseOf(name: string): string {
  return shown.has(name) ? name : name.replace(/_(bucket|sum|count)$/, '');
}

function metricsOfSources(): Set<string> {
  const files = ['libs/platform/src', 'apps'].flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((file) => /(?<![.]spec|[.]fixture)[.]ts$/.test(file))
      .map((file) => readFileSync(`${folder}/${file}`, 'utf8')),
  );
  return new Set(
    files.flatMap((text) => [...text.matchAll(/'(gatebook_[a-z_]+[a-z])'/g)].map(([, name]) => name as string)),
  );
}
