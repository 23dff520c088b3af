import { readFileSync } from 'node:fs';

const { $schema, ...swc } = JSON.parse(readFileSync(new URL('./.swcrc', import.meta.url), 'utf8'));

// Everything, dependencies included, is compiled to CommonJS: no vm-modules flag, no leak, half the time (docs/adr/0006).
/** @type {import('jest').Config} */
export default {
  testEnvironment: 'node',
  testTimeout: 20_000, // ends what hangs; an honest test may take seconds where other work runs beside it
  cacheDirectory: '<rootDir>/.cache/jest', // outlives the folder that tests keep their data in
  roots: ['<rootDir>/apps', '<rootDir>/libs', '<rootDir>/test', '<rootDir>/tools'],
  testMatch: ['**/*.spec.ts'],
  transform: {
    '^.+\\.ts$': ['@swc/jest', { ...swc, swcrc: false, module: { type: 'commonjs' } }],
    '^.+\\.m?js$': [
      '@swc/jest',
      {
        swcrc: false,
        isModule: 'unknown', // leaves CommonJS and UMD files alone
        jsc: { target: 'es2023', parser: { syntax: 'ecmascript', importAttributes: true } },
        module: { type: 'commonjs' },
      },
    ],
  },
  transformIgnorePatterns: [],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': ['$1.js', '$1.ts'] },
  testEnvironmentOptions: { customExportConditions: ['app-source', 'node', 'node-addons'] },
  collectCoverageFrom: ['apps/**/*.ts', 'libs/**/*.ts', '!**/*.spec.ts', '!**/main.ts'],
  coverageProvider: 'v8',
};
