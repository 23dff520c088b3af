/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    { name: 'no-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    { name: 'libs-not-to-apps', severity: 'error', from: { path: '^libs/' }, to: { path: '^apps/' } },
    {
      name: 'kernel-is-leaf',
      severity: 'error',
      from: { path: '^libs/kernel/', pathNot: '[.]spec[.]ts$' },
      to: { path: '^libs/(?!kernel/)|^node_modules' },
    },
    {
      name: 'lib-only-via-index',
      severity: 'error',
      from: { path: '^(apps|libs)/([^/]+)/' },
      to: { path: '^libs/', pathNot: ['^libs/[^/]+/src/index[.]ts$', '^$1/$2/'] },
    },
    {
      name: 'apps-isolated',
      severity: 'error',
      from: { path: '^apps/([^/]+)/', pathNot: '^apps/all/' },
      to: { path: '^apps/', pathNot: '^apps/$1/' },
    },
    {
      name: 'no-dev-deps',
      severity: 'error',
      from: { path: '^(apps|libs)/', pathNot: '([.]spec[.]ts$|^libs/testing/)' },
      to: { dependencyTypes: ['npm-dev'] },
    },
    {
      name: 'testing-only-in-specs',
      severity: 'error',
      from: { path: '^(apps|libs)/', pathNot: '([.]spec[.]ts$|[.]contract[.]ts$|^libs/testing/)' },
      to: { path: '^libs/testing/' },
    },
    {
      name: 'pure-core',
      severity: 'error',
      from: { path: '^libs/(kernel|domain)/', pathNot: '[.]spec[.]ts$' },
      // pure as well: re2js tries patterns in linear time (docs/adr/0017), croner reads cron when it is given instants (docs/adr/0018)
      to: { dependencyTypes: ['core', 'npm'], pathNot: 'node_modules/(re2js|croner)/' },
    },
    {
      name: 'nest-only-in-apps-and-platform',
      severity: 'error',
      from: { path: '^libs/(?!platform/)' },
      to: { path: 'node_modules/@nestjs/' },
    },
    {
      name: 'pg-only-beside-sql',
      severity: 'error',
      from: {
        path: '^(apps|libs)/',
        pathNot: [
          '[.]spec[.]ts$',
          '^libs/(database|ledger|vault|identity|read-model|testing)/',
          '^libs/event-store/src/postgres/',
        ],
      },
      to: { path: 'node_modules/(pg|@types/pg)/' },
    },
    {
      name: 'kafka-client-only-in-its-adapter',
      severity: 'error',
      from: { path: '^(apps|libs)/', pathNot: '^libs/bus/src/kafka/' },
      to: { path: 'node_modules/kafkajs/' },
    },
    {
      name: 'kurrentdb-client-only-in-its-adapter',
      severity: 'error',
      from: { path: '^(apps|libs)/', pathNot: ['^libs/event-store/src/kurrentdb/', '^libs/testing/'] },
      to: { path: 'node_modules/@kurrent/kurrentdb-client/' },
    },
    {
      name: 'mail-client-only-in-notices',
      severity: 'error',
      from: { path: '^(apps|libs)/', pathNot: ['^libs/notices/', '[.]int[.]spec[.]ts$'] },
      to: { path: 'node_modules/(nodemailer|smtp-server)/' },
    },
    {
      name: 'contracts-import-kernel-only',
      severity: 'error',
      from: { path: '^libs/contracts/', pathNot: '[.]spec[.]ts$' },
      to: { path: '^libs/', pathNot: '^libs/(contracts|kernel)/' },
    },
    {
      name: 'domain-imports-kernel-and-contracts-only',
      severity: 'error',
      from: { path: '^libs/domain/', pathNot: '[.]spec[.]ts$' },
      to: { path: '^libs/', pathNot: '^libs/(domain|contracts|kernel)/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      extensions: ['.ts', '.js', '.json'],
      conditionNames: ['app-source', 'import', 'require', 'node', 'default', 'types'],
    },
  },
};
