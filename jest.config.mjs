// One transform for every layer: swc to CommonJS, so that Jest runs Nest's ESM packages without flags.
const swc = [
  '@swc/jest',
  {
    jsc: {
      target: 'es2022',
      parser: { syntax: 'typescript', decorators: true },
      transform: { legacyDecorator: true, decoratorMetadata: true },
    },
    module: { type: 'commonjs' },
  },
];

/** @type {import('jest').Config} */
const base = {
  testEnvironment: 'node',
  transform: { '^.+\\.[cm]?[jt]s$': swc },
  // mongodb loads `os` with a dynamic import, which Jest's CommonJS sandbox refuses: swc makes it a require.
  transformIgnorePatterns: ['/node_modules/(?!(@nestjs|typebox)/|mongodb/lib/runtime_adapters\\.js)'],
  moduleNameMapper: {
    '^@holdfast/([a-z-]+)$': '<rootDir>/libs/$1/index.ts',
    '^(\\.{1,2}/.*)\\.js$': '$1',
  },
  modulePathIgnorePatterns: ['<rootDir>/dist', '<rootDir>/.stack'],
  setupFiles: ['reflect-metadata'],
};

// Only where a selected project asks for it, and once a run: unit tests start no server.
const onServers = {
  ...base,
  globalSetup: '<rootDir>/test/support/global-setup.ts',
  globalTeardown: '<rootDir>/test/support/global-teardown.ts',
};

export default {
  // Finds what hangs; how fast something has to be is asked by the tests that promise it.
  testTimeout: 60_000,
  reporters: ['default', '<rootDir>/scripts/run-verdict.cjs'],
  projects: [
    {
      ...base,
      displayName: 'unit',
      testMatch: ['<rootDir>/{apps,examples,libs}/**/*.spec.ts'],
      testPathIgnorePatterns: ['\\.int\\.spec\\.ts$'],
    },
    { ...onServers, displayName: 'integration', testMatch: ['<rootDir>/{apps,libs}/**/*.int.spec.ts'] },
    { ...onServers, displayName: 'e2e', testMatch: ['<rootDir>/test/{e2e,contract}/**/*.spec.ts'] },
    // Servers and workers are killed, those of the suite alone; how slow the machine is at the time, they tell.
    { ...onServers, displayName: 'chaos', testMatch: ['<rootDir>/test/chaos/**/*.spec.ts'] },
    // On servers of their own, and for minutes: not part of `npm test`.
    { ...base, displayName: 'cluster', testMatch: ['<rootDir>/test/cluster/**/*.spec.ts'] },
    { ...base, displayName: 'containers', testMatch: ['<rootDir>/test/containers/**/*.spec.ts'] },
    { ...base, displayName: 'runbook', testMatch: ['<rootDir>/test/runbook/**/*.spec.ts'] },
  ],
};
