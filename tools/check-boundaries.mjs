/** Checks which folder may import which (.dependency-cruiser.mjs), and that the checker sees what it claims to see. */

import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import configuration from '../.dependency-cruiser.mjs';
import { BYSTANDERS, CANARIES } from './boundary-canaries.mjs';
import { pinnedEnvironment, ROOT } from './pinned-node.mjs';

const OUTPUT_LIMIT_BYTES = 256 * 1024 * 1024;

const faults = [...checkRealTree(), ...checkCanaries()];
for (const fault of faults) process.stdout.write(`✗ ${fault}\n`);
process.exitCode = faults.length > 0 ? 1 : 0;

function checkRealTree() {
  const { modules, violations } = cruise(ROOT);
  if (modules === 0)
    return ['No module was looked at: dependency-cruiser cannot read these sources with the installed TypeScript.'];
  process.stdout.write(`${modules} modules, ${violations.length} violations\n`);
  return violations.map(({ rule, from, to }) => `${rule.name}: ${from} → ${to}`);
}

function checkCanaries() {
  const tree = `${ROOT}.cache/boundary-canaries.${process.pid}`;
  try {
    plant(tree);
    const { violations } = cruise(tree);
    const seen = (rule, file) =>
      violations.some((violation) => violation.rule.name === rule && violation.from === file);
    const rules = configuration.forbidden.map(({ name }) => name);
    const unproven = rules
      .filter((rule) => !CANARIES[rule])
      .map((rule) => `Rule ${rule} has no canary: add one to tools/boundary-canaries.mjs.`);
    const missed = Object.entries(CANARIES).filter(([rule, { file }]) => !seen(rule, file));
    const innocent = violations.filter(({ from }) => from in BYSTANDERS);
    process.stdout.write(
      `${Object.keys(CANARIES).length - missed.length} of ${rules.length} planted violations caught\n`,
    );
    return [
      ...unproven,
      ...missed.map(([rule, { file }]) => `The planted violation of ${rule} in ${file} was not caught.`),
      ...innocent.map(({ rule, from, to }) => `${rule.name} was reported for the harmless ${from} → ${to}.`),
    ];
  } finally {
    rmSync(tree, { recursive: true, force: true });
  }
}

function plant(tree) {
  const write = (file, text) => {
    mkdirSync(dirname(`${tree}/${file}`), { recursive: true });
    writeFileSync(`${tree}/${file}`, `${text}\n`);
  };
  for (const [file, text] of Object.entries(BYSTANDERS)) write(file, text);
  for (const { file, text, also = {} } of Object.values(CANARIES))
    for (const [name, body] of Object.entries({ [file]: text, ...also })) write(name, body);
  for (const file of ['package.json', 'tsconfig.json']) copyFileSync(`${ROOT}${file}`, `${tree}/${file}`);
}

/** Runs dependency-cruiser in a folder laid out like this repository. */
function cruise(folder) {
  const args = ['--config', `${ROOT}.dependency-cruiser.mjs`, '--output-type', 'json', 'apps', 'libs'];
  const { stdout, stderr, status } = spawnSync('depcruise', args, {
    cwd: folder,
    env: pinnedEnvironment(),
    encoding: 'utf8',
    maxBuffer: OUTPUT_LIMIT_BYTES,
  });
  if (!stdout) throw new Error(`dependency-cruiser ended with exit code ${status} and no result: ${stderr}`);
  const { summary } = JSON.parse(stdout);
  return { modules: summary.totalCruised, violations: summary.violations };
}
