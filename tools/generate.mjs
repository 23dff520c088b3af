/**
 * `npm run generate` writes the files that follow from the code: pages on events, error codes, configuration keys, reports and controls, and
 * routes for proxies.
 * With `--check` it writes nothing and fails when a page is not what it would write. Runs on the compiled dist/.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { configurationPage } from './generate/configuration.page.mjs';
import { controlsData, controlsPage } from './generate/controls.page.mjs';
import { errorCodes } from './generate/error-codes.mjs';
import { errorsPage } from './generate/errors.page.mjs';
import { eventsPage } from './generate/events.page.mjs';
import { firstDifference } from './generate/first-difference.mjs';
import { reportsPage } from './generate/reports.page.mjs';
import { ingressManifest, nginxLocations } from './generate/routes.files.mjs';
import { ROOT } from './pinned-node.mjs';

const [flag, ...more] = process.argv.slice(2);
if ((flag !== undefined && flag !== '--check') || more.length > 0) {
  process.stderr.write('Usage: node tools/generate.mjs [--check]\n');
  process.exit(2);
}

const { EVENT_ENTRIES } = await import('../dist/libs/contracts/src/index.js');
const reports = await import('../dist/libs/reports/src/index.js');
const { ROUTES } = await import('../dist/libs/platform/src/routes/routes.js');
const { configurationSchema } = await import('../dist/libs/configuration/src/configuration.schema.js');

// A home whose server is not built yet has nothing to route to.
const routes = ROUTES.filter(({ home }) => existsSync(`${ROOT}apps/${home}`));

const pages = {
  'docs/events.md': eventsPage(EVENT_ENTRIES, (schema) => z.toJSONSchema(schema)),
  'docs/errors.md': errorsPage(errorCodes(ROOT)),
  'docs/configuration.md': configurationPage(z.toJSONSchema(configurationSchema, { io: 'input' })),
  'docs/reports.md': reportsPage([...reports.REPORTS.values()], reports.FORMATS, {
    daysKept: reports.FILES_KEPT_MS / 86_400_000,
    waiting: reports.WAITING_REPORTS_MAX,
  }),
  'docs/control-map.md': controlsPage(reports.CONTROLS, reports.FRAMEWORKS),
  'docs/control-map.json': controlsData(reports.CONTROLS, reports.FRAMEWORKS),
  'deploy/kubernetes/ingress.yaml': ingressManifest(routes),
  'deploy/nginx/locations.conf': nginxLocations(routes),
};

for (const [path, text] of Object.entries(pages)) {
  const before = existsSync(`${ROOT}${path}`) ? readFileSync(`${ROOT}${path}`, 'utf8') : '';
  if (before === text) continue;
  if (flag === '--check') {
    process.stdout.write(`${path} is stale. Run npm run generate.\n${firstDifference(before, text)}\n`);
    process.exitCode = 1;
  } else {
    writeFileSync(`${ROOT}${path}`, text);
    process.stdout.write(`${path}\n`);
  }
}
