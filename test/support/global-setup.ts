/** One stack for a whole Jest run, on data of its own; the workers find it in their environment. */

import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import Module from 'node:module';
import { dirname, join, resolve } from 'node:path';

const STOP_STACK = Symbol.for('holdfast.stopTestStack'); // global-teardown.ts calls it
const folderPrefix = 'holdfast-test-';

/** The brokers of a run live for seconds or minutes: to compile their code well takes longer than it saves. */
const QUICK_JVM = '-XX:TieredStopAtLevel=1';

export default async function globalSetup(config: { rootDir: string }): Promise<void> {
  process.env['JAVA_TOOL_OPTIONS'] ??= QUICK_JVM;
  resolveSources(config.rootDir);
  const { startStack, isAbandoned } = await import('@holdfast/local-stack');
  const { stackEnvironment } = await import('@holdfast/config');

  for (const name of await readdir(tmpdir())) {
    const folder = join(tmpdir(), name);
    if (name.startsWith(folderPrefix) && (await isAbandoned(folder)))
      await rm(folder, { recursive: true, force: true });
  }
  const dataDir = await mkdtemp(join(tmpdir(), folderPrefix));
  const stack = await startStack({
    environment: stackEnvironment(),
    dataDir,
    log: (line) => process.stderr.write(`${line}\n`),
  }).catch(async (error: unknown) => {
    await rm(dataDir, { recursive: true, force: true });
    throw error;
  });
  process.env['KAFKA_BROKERS'] = stack.brokers.join(',');
  process.env['MONGODB_URI'] = stack.mongoUri;
  Object.assign(globalThis, {
    [STOP_STACK]: async () => {
      await stack.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  });
}

interface Resolver {
  _resolveFilename(request: string, parent: { filename?: string } | undefined, ...rest: unknown[]): string;
}

/**
 * Jest compiles a globalSetup but does not apply `moduleNameMapper` to what it imports. This applies the same
 * mapping to Node's own `require` in Jest's main process: `@holdfast/x` is `libs/x/index.ts`, and `./x.js` may be
 * `./x.ts`.
 */
function resolveSources(root: string): void {
  const loader = Module as unknown as Resolver;
  const original = loader._resolveFilename.bind(Module);
  loader._resolveFilename = (request, parent, ...rest) =>
    original(source(root, request, parent), parent, ...rest);
}

function source(root: string, request: string, parent: { filename?: string } | undefined): string {
  const library = /^@holdfast\/([a-z-]+)$/.exec(request)?.[1];
  if (library !== undefined) return join(root, 'libs', library, 'index.ts');
  if (!/^\.{1,2}\/.*\.js$/.test(request) || parent?.filename === undefined) return request;
  const typescript = resolve(dirname(parent.filename), request.replace(/\.js$/, '.ts'));
  return existsSync(typescript) ? typescript : request;
}
