/** Which way imports may run. `npm run imports` checks it, and that the check saw the code at all. */

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    { name: 'no-circles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'libs-know-no-apps',
      severity: 'error',
      from: { path: '^libs/' },
      to: { path: '^(apps|examples|test)/', pathNot: '^test/support/' },
    },
    {
      name: 'product-code-knows-no-test-support',
      severity: 'error',
      from: { path: '^(libs|apps)/', pathNot: String.raw`(\.spec\.ts$|/testing/)` },
      to: { path: '(^test/|/testing/)' },
    },
    {
      name: 'core-config-local-stack-telemetry-import-no-sibling',
      severity: 'error',
      from: {
        path: '^libs/(core|config|local-stack|telemetry)/',
        pathNot: String.raw`(\.spec\.ts$|/testing/)`,
      },
      to: { path: '^libs/', pathNot: '^libs/$1/' },
    },
    {
      name: 'core-is-pure',
      comment: 'no Node, no Nest, no driver: time and ids arrive as data',
      severity: 'error',
      from: { path: '^libs/core/', pathNot: String.raw`(\.spec\.ts$|/testing/)` },
      to: { dependencyTypes: ['core', 'npm', 'npm-dev', 'npm-no-pkg', 'npm-unknown'] },
    },
    {
      name: 'contracts-and-messaging-lean-on-core-alone',
      severity: 'error',
      from: { path: '^libs/(contracts|messaging)/', pathNot: String.raw`(\.spec\.ts$|/testing/)` },
      to: { path: '^libs/', pathNot: '^libs/(core|$1)/' },
    },
    {
      name: 'store-leans-on-core-and-contracts',
      severity: 'error',
      from: { path: '^libs/store/', pathNot: String.raw`(\.spec\.ts$|/testing/)` },
      to: { path: '^libs/', pathNot: '^libs/(core|contracts|store)/' },
    },
    {
      name: 'kafkajs-behind-its-port',
      severity: 'error',
      from: { pathNot: '^(libs/(messaging|client|local-stack)/|test/)' },
      to: { path: '^node_modules/kafkajs/' },
    },
    {
      name: 'client-leans-on-contracts-alone',
      comment: 'other teams take it with kafkajs and the contracts; the two files need nothing themselves',
      severity: 'error',
      from: { path: '^libs/client/', pathNot: String.raw`(\.spec\.ts$|/testing/)` },
      to: {
        path: '^libs/',
        pathNot: String.raw`^libs/(client|contracts)/|^libs/messaging/(backoff|kafkajs/whole-frames)\.ts$`,
      },
    },
    {
      name: 'client-needs-no-package-but-kafkajs',
      severity: 'error',
      from: { path: '^libs/client/', pathNot: String.raw`(\.spec\.ts$|/testing/)` },
      to: {
        dependencyTypes: ['npm', 'npm-dev', 'npm-no-pkg', 'npm-unknown'],
        pathNot: '^node_modules/kafkajs/',
      },
    },
    {
      name: 'examples-know-the-client-alone',
      comment: 'they are what another team would write',
      severity: 'error',
      from: { path: '^examples/', pathNot: String.raw`\.spec\.ts$` },
      to: { path: '^(apps|libs|test)/', pathNot: '^libs/client/' },
    },
    {
      name: 'nobody-needs-the-examples',
      severity: 'error',
      from: { pathNot: '^(examples|test)/' },
      to: { path: '^examples/' },
    },
    {
      name: 'apps-are-apart',
      severity: 'error',
      from: { path: '^apps/([^/]+)/', pathNot: String.raw`(\.spec\.ts$|/testing/)` },
      to: { path: '^apps/', pathNot: '^apps/$1/' },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|node_modules/@types)/' },
  },
};
