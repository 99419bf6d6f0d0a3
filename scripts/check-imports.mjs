// Runs dependency-cruiser, and fails when it saw hardly any module: with a TypeScript that it does not know it
// sees none, and finds nothing wrong with that.
import { cruise, format } from 'dependency-cruiser';
import { createRequire } from 'node:module';

const MIN_MODULES = 80;

const configuration = createRequire(import.meta.url)('../.dependency-cruiser.cjs');
const { default: loadTsConfig } = await import('dependency-cruiser/config-utl/extract-ts-config');
const { output } = await cruise(
  ['apps', 'examples', 'libs', 'test'],
  { ruleSet: configuration, validate: true, ...configuration.options },
  undefined,
  { tsConfig: loadTsConfig('tsconfig.json') },
);
const own = output.modules.filter(({ source }) => /^(apps|examples|libs|test)\//.test(source)).length;
const { output: report } = await format(output, { outputType: 'err' });
console.log(String(report).trim());
if (own < MIN_MODULES) {
  console.error(
    `saw only ${own} modules of this project, expected at least ${MIN_MODULES}: is TypeScript too new for dependency-cruiser?`,
  );
}
process.exitCode = output.summary.error > 0 || own < MIN_MODULES ? 1 : 0;
