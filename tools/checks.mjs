/**
 * Every check of `npm test`, in order. A check is added here and nowhere else.
 * `tool` checks pass or fail as one; `specs` checks count their tests. Each spec belongs to exactly one of them, by its
 * name. A `specs` check that finds no test fails: a pattern that matches nothing would otherwise pass for ever.
 */
import { existsSync } from 'node:fs';
import { ROOT } from './pinned-node.mjs';

// A contract spec runs the shared suite of a port against its adapters; an integration spec needs a real service or process.
const CONTRACT = ['**/*.contract{,.*}.spec.ts', '**/contract/**/*.spec.ts'];
const INTEGRATION = ['**/*.int.spec.ts'];
// A services spec needs a server that takes seconds to start, such as a Kafka broker: one spec at a time.
const SERVICES = ['**/*.services.spec.ts'];
// An idp spec needs a real identity provider, which takes a quarter of a minute to start.
const IDP = ['**/*.idp.spec.ts'];
const not = (patterns) => patterns.map((pattern) => `!${pattern}`);
const BESIDE_SOURCES = ['<rootDir>/apps', '<rootDir>/libs', '<rootDir>/tools'];
const END_TO_END = ['<rootDir>/test'];
const COLOURS = `--colors=${process.stdout.isTTY ? 'force' : 'off'}`;
const HAS_GENERATOR = existsSync(`${ROOT}tools/generate.mjs`);

export const CHECKS = [
  { name: 'lint', heading: 'Format and lint', tool: ['biome', 'ci', COLOURS, '.'] },
  { name: 'types', heading: 'Types', tool: ['tsc', '--noEmit', '-p', 'tsconfig.json'] },
  { name: 'boundaries', heading: 'Boundaries', tool: ['node', 'tools/check-boundaries.mjs'] },
  ...(HAS_GENERATOR
    ? [{ name: 'generated', heading: 'Generated files are current', tool: ['node', 'tools/generate.mjs', '--check'] }]
    : []),
  {
    name: 'unit',
    heading: 'Unit tests',
    specs: { roots: BESIDE_SOURCES, match: ['**/*.spec.ts', ...not(CONTRACT), ...not(INTEGRATION), ...not(SERVICES)] },
  },
  { name: 'contract', heading: 'Contract tests', specs: { roots: BESIDE_SOURCES, match: CONTRACT } },
  {
    name: 'integration',
    heading: 'Integration tests',
    specs: { roots: BESIDE_SOURCES, match: [...INTEGRATION, ...not(CONTRACT)] },
  },
  {
    name: 'services',
    heading: 'Tests on real services',
    specs: { roots: [...BESIDE_SOURCES, ...END_TO_END], match: SERVICES, serially: true },
  },
  {
    name: 'idp',
    heading: 'Tests with Keycloak',
    specs: { roots: END_TO_END, match: IDP, serially: true },
  },
  {
    name: 'e2e',
    heading: 'End-to-end tests',
    specs: { roots: END_TO_END, match: ['**/*.spec.ts', ...not(SERVICES), ...not(IDP)] },
  },
];
