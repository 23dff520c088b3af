/**
 * Planted violations, one for each rule of .dependency-cruiser.mjs. A checker that does not report every one of them is
 * blind: dependency-cruiser passes with "0 modules cruised" when it cannot use the installed TypeScript.
 * They are written into a throw-away tree, so that no tool ever meets them in the real one.
 */

/** Harmless files that the violations reach for. None of them may be reported. */
export const BYSTANDERS = {
  'libs/kernel/src/index.ts': 'export const kernel = 1;',
  'libs/domain/src/index.ts':
    "import { contracts } from '#libs/contracts';\nimport { kernel } from '#libs/kernel';\nexport const domain = [kernel, contracts];",
  'libs/domain/src/inner.ts': 'export const inner = 1;',
  'libs/contracts/src/index.ts': 'export const contracts = 1;',
  'libs/bus/src/index.ts': 'export const bus = 1;',
  'libs/bus/src/bus.spec.ts':
    "import { fixture } from '#libs/testing';\nimport { bus } from './index.js';\nbus;\nfixture;",
  'libs/bus/src/kafka/client.ts': "export { Kafka } from 'kafkajs';",
  'libs/event-store/src/kurrentdb/client.ts': "export { KurrentDBClient } from '@kurrent/kurrentdb-client';",
  'libs/testing/src/index.ts': 'export const fixture = 1;',
  'libs/platform/src/index.ts': "export { Injectable } from '@nestjs/common';",
  'libs/database/src/index.ts': "export type { Pool } from 'pg';",
  'apps/gate/src/main.ts': "import { bus } from '#libs/bus';\nexport const gate = bus;",
  'apps/all/src/main.ts': "import { gate } from '../../gate/src/main.js';\ngate;",
};

/** Rule → the one file that breaks it. */
export const CANARIES = {
  'no-circular': {
    file: 'libs/bus/src/circle-a.ts',
    text: "import './circle-b.js';",
    also: { 'libs/bus/src/circle-b.ts': "import './circle-a.js';" },
  },
  'no-unresolvable': { file: 'libs/bus/src/unresolvable.ts', text: "import './nowhere.js';" },
  'libs-not-to-apps': { file: 'libs/bus/src/upward.ts', text: "import '../../../apps/gate/src/main.js';" },
  'kernel-is-leaf': { file: 'libs/kernel/src/canary.ts', text: "import '#libs/contracts';" },
  'lib-only-via-index': { file: 'apps/gate/src/deep.ts', text: "import '../../../libs/domain/src/inner.js';" },
  'apps-isolated': { file: 'apps/audit/src/neighbour.ts', text: "import '../../gate/src/main.js';" },
  'mail-client-only-in-notices': { file: 'apps/gate/src/mailing.ts', text: "import 'nodemailer';" },
  'no-dev-deps': { file: 'apps/gate/src/dev-dependency.ts', text: "import 'fast-check';" },
  'testing-only-in-specs': { file: 'apps/gate/src/fixtures.ts', text: "import '#libs/testing';" },
  'pure-core': { file: 'libs/domain/src/impure.ts', text: "import 'node:crypto';" },
  'nest-only-in-apps-and-platform': { file: 'libs/bus/src/nest.ts', text: "import '@nestjs/common';" },
  'pg-only-beside-sql': {
    file: 'libs/bus/src/pg.ts',
    text: "import type { Pool } from 'pg';\nexport type Leak = Pool;",
  },
  'kafka-client-only-in-its-adapter': { file: 'libs/bus/src/sealed-log/kafka.ts', text: "import 'kafkajs';" },
  'kurrentdb-client-only-in-its-adapter': {
    file: 'libs/event-store/src/postgres/kurrentdb.ts',
    text: "import '@kurrent/kurrentdb-client';",
  },
  'contracts-import-kernel-only': { file: 'libs/contracts/src/outward.ts', text: "import '#libs/database';" },
  'domain-imports-kernel-and-contracts-only': { file: 'libs/domain/src/outward.ts', text: "import '#libs/bus';" },
};
