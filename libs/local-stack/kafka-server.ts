/** Apache Kafka as a child process: one node that is broker and controller (KRaft), from its Maven artifact. */

import { randomBytes } from 'node:crypto';
import { access, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { brokerAnswers, brokerSettings, type BrokerSettings } from './broker.js';
import { checkHash, fetchOnce, runTool } from './fetch-once.js';
import { KAFKA_JARS, KAFKA_POM, KAFKA_VERSION, MAVEN_GOAL } from './kafka-jars.js';
import type { KafkaSecurity } from './secure-clients.js';
import { ServerProcess } from './server-process.js';
import { StackError } from './stack-error.js';

export interface KafkaOptions {
  folder: string;
  port: number;
  controllerPort: number;
  /** folder of the jars, from `fetchKafka` */
  jars: string;
  /** lines of server.properties that come on top of ours, or replace them */
  properties?: BrokerSettings | undefined;
  /** 768 unless given */
  heapMegabytes?: number | undefined;
  /** how this program logs in, where the broker asks for it */
  security?: KafkaSecurity | undefined;
  /** a file with further words for the format of the storage, one a line: no secret stands in an argument list */
  formatFile?: string | undefined;
  /** as messages call it; Kafka unless given */
  name?: string | undefined;
  /** of the cluster that it is one node of; a new one unless given. Only a first start looks at it */
  clusterId?: string | undefined;
}

const JAVA_REMEDY = 'install Java 17 or newer (Debian and Ubuntu: apt install openjdk-17-jre-headless)';
const missingJava = new StackError('Kafka needs Java, and there is no `java` here', JAVA_REMEDY);
const missingMaven = new StackError(
  'Kafka is fetched with Maven, and `mvn` with a Java of its own is not here',
  'install Maven (Debian and Ubuntu: apt install maven)',
);

/** The folder of Kafka's jars, fetched with Maven and checked the first time. */
export async function fetchKafka(cacheFolder: string, log: (line: string) => void): Promise<string> {
  const pinned = KAFKA_JARS.trim().split('\n').map(parsePin);
  return fetchOnce(cacheFolder, `kafka-${KAFKA_VERSION}`, async (folder) => {
    log(`Kafka ${KAFKA_VERSION}: fetching ${pinned.length} jars (43 MB) with Maven, this once`);
    await writeFile(join(folder, 'pom.xml'), KAFKA_POM);
    let fetched = 0;
    await runTool(['mvn', '-B', MAVEN_GOAL, `-DoutputDirectory=${folder}`], folder, missingMaven, (line) => {
      if (!/Downloaded from .*\.jar/.test(line)) return;
      fetched += 1;
      if (fetched % 20 === 0) log(`Kafka ${KAFKA_VERSION}: ${fetched} files so far`);
    });
    const jars = (await readdir(folder)).filter((name) => name.endsWith('.jar'));
    const unexpected = jars.filter((name) => !pinned.some((pin) => pin.name === name));
    if (unexpected.length > 0 || jars.length < pinned.length) {
      throw new StackError(
        `Maven brought other jars than were pinned (${unexpected.join(', ') || 'some are missing'})`,
        'see that your Maven settings do not replace versions',
      );
    }
    for (const { name, sha256 } of pinned) await checkHash(join(folder, name), sha256);
    log(`Kafka ${KAFKA_VERSION}: fetched and checked`);
  });
}

function parsePin(line: string): { sha256: string; name: string } {
  const [sha256 = '', name = ''] = line.split(/\s+/);
  return { sha256, name };
}

/** A broker that is not started yet, with its storage formatted. */
export async function prepareKafka(options: KafkaOptions): Promise<ServerProcess> {
  const { folder, port, jars } = options;
  await mkdir(folder, { recursive: true });
  const data = join(folder, 'data');
  const config = join(folder, 'server.properties');
  await writeFile(config, properties(options, data));
  if (!(await exists(join(data, 'meta.properties')))) await format(options, data);
  const heap = options.heapMegabytes ?? 768;
  return new ServerProcess({
    name: options.name ?? 'Kafka',
    port,
    folder,
    command: [
      'java',
      `-Xms${Math.min(heap, 256)}m`,
      `-Xmx${heap}m`,
      ...JVM,
      '-cp',
      `${jars}/*`,
      'kafka.Kafka',
      config,
    ],
    missing: missingJava,
    ready: (signal) => brokerAnswers([`127.0.0.1:${port}`], signal, options.security),
    explain: (log) =>
      /UnsupportedClassVersionError/.test(log)
        ? new StackError('Kafka needs a newer Java than the `java` here', JAVA_REMEDY)
        : undefined,
  });
}

// One collector thread beside the other servers of a small machine; the whole heap is small.
const JVM = [
  '-XX:+UseSerialGC',
  '-XX:+ExitOnOutOfMemoryError',
  '-Xshare:auto',
  '-Djava.awt.headless=true',
  '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
  '-Dorg.slf4j.simpleLogger.showDateTime=true',
  '-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd HH:mm:ss.SSS',
];

/** Formats into a folder beside and moves it, so that a cut-off format is done again instead of half trusted. */
async function format(options: KafkaOptions, data: string): Promise<void> {
  const unfinished = join(options.folder, 'unformatted');
  const config = join(options.folder, 'format.properties');
  await rm(unfinished, { recursive: true, force: true });
  await rm(data, { recursive: true, force: true });
  await writeFile(config, properties(options, unfinished));
  const clusterId = options.clusterId ?? newClusterId();
  const quick = [
    '-XX:TieredStopAtLevel=1',
    '-XX:+UseSerialGC',
    '-Dorg.slf4j.simpleLogger.defaultLogLevel=error',
  ];
  await runTool(
    [
      'java',
      ...quick,
      '-cp',
      `${options.jars}/*`,
      'kafka.tools.StorageTool',
      'format',
      '-t',
      clusterId,
      '-c',
      config,
      ...(options.formatFile === undefined ? [] : [`@${options.formatFile}`]),
    ],
    options.folder,
    missingJava,
  );
  await rename(unfinished, data);
}

/** As Kafka makes its ids; one that begins with a dash would be taken for an option. */
export function newClusterId(): string {
  const bytes = randomBytes(16);
  bytes.writeUInt8(bytes.readUInt8() & 0x7f);
  return bytes.toString('base64url');
}

function properties({ port, controllerPort, properties: own }: KafkaOptions, logFolder: string): string {
  const settings = brokerSettings({ host: '127.0.0.1', bind: '127.0.0.1', port, controllerPort, logFolder });
  return Object.entries({ ...settings, ...own })
    .map(([name, value]) => `${name}=${String(value).replaceAll('\\', '\\\\')}\n`)
    .join('');
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
