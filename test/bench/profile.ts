/** Where the measured worker's time went, from the profile that Node wrote, grouped by what the code is for. */

import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

export type ProfileShares = Record<string, string>;

interface ProfileNode {
  id: number;
  callFrame: { functionName: string; url: string; lineNumber: number };
  children?: number[];
}

interface CpuProfile {
  nodes: ProfileNode[];
  samples: number[];
  /** µs since the sample before */
  timeDeltas: number[];
  /** µs of the system's monotonic clock */
  startTime: number;
}

const TOP_FUNCTIONS = 25;
/** The first that fits a frame, or the nearest caller that anything fits. */
const GROUPS: [group: string, place: RegExp][] = [
  ['parse (JSON, ajv)', /contracts\/(parse|validator|text|poison)|\/ajv\//],
  ['encode outcomes (JSON)', /contracts\/(encode|cloud-events)/],
  ['decide', /libs\/core\//],
  ['plan and documents', /libs\/store\//],
  ['BSON', /\/bson\//],
  ['mongodb driver', /\/mongodb\/|\/mongoose\//],
  [
    'publish',
    /libs\/messaging\/(publisher|produce|record-batch|crc32c|partition|varint|murmur)|worker\/relay\//,
  ],
  ['messaging and lanes', /libs\/messaging\//],
  ['worker', /apps\/worker\//],
  ['publish', /kafkajs\/src\/producer\//],
  ['consume (kafkajs)', /kafkajs\/src\/consumer\/|protocol\/requests\/fetch\//],
  ['kafkajs', /\/kafkajs\//],
];
const NATIVE = new Map([
  ['(idle)', 'idle'],
  ['(garbage collector)', 'garbage collection'],
  ['(program)', 'native and system calls'],
]);

/** Both moments by this process's `performance.now()`: one clock for all processes of the machine, but for the origin. */
export async function profileOf(folder: string, started: number, ended: number): Promise<ProfileShares> {
  const files = (await readdir(folder)).filter((name) => name.endsWith('.cpuprofile'));
  const file = files[0];
  if (file === undefined) return { profile: `none in ${folder}` };
  const profile = JSON.parse(await readFile(join(folder, file), 'utf8')) as CpuProfile;
  const origin = Number(process.hrtime.bigint()) / 1_000 - performance.now() * 1_000;
  const { byGroup, byFunction, total } = sums(profile, origin + started * 1_000, origin + ended * 1_000);
  const share = (micros: number): string =>
    `${((100 * micros) / total).toFixed(1)} % (${(micros / 1_000_000).toFixed(2)} s)`;
  const ranked = (from: Map<string, number>) => [...from].sort(([, a], [, b]) => b - a);
  const shares: ProfileShares = {};
  for (const [group, micros] of ranked(byGroup)) shares[`group: ${group}`] = share(micros);
  for (const [name, micros] of ranked(byFunction).slice(0, TOP_FUNCTIONS))
    shares[`self: ${name}`] = share(micros);
  return shares;
}

function sums(profile: CpuProfile, from: number, to: number) {
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]));
  const parents = new Map<number, number>();
  for (const node of profile.nodes) for (const child of node.children ?? []) parents.set(child, node.id);
  const groups = new Map<number, string>();
  const byGroup = new Map<string, number>();
  const byFunction = new Map<string, number>();
  let at = profile.startTime;
  let total = 0;
  for (const [index, id] of profile.samples.entries()) {
    const delta = profile.timeDeltas[index] ?? 0;
    at += delta;
    if (at < from || at > to) continue;
    total += delta;
    let group = groups.get(id);
    if (group === undefined) groups.set(id, (group = groupOf(id, nodes, parents)));
    byGroup.set(group, (byGroup.get(group) ?? 0) + delta);
    const { functionName, url, lineNumber } = (nodes.get(id) as ProfileNode).callFrame;
    const name = `${functionName || '(anonymous)'} ${url.split('/').slice(-3).join('/')}:${lineNumber + 1}`;
    byFunction.set(name, (byFunction.get(name) ?? 0) + delta);
  }
  return { byGroup, byFunction, total };
}

function groupOf(id: number, nodes: Map<number, ProfileNode>, parents: Map<number, number>): string {
  const native = NATIVE.get(nodes.get(id)?.callFrame.functionName ?? '');
  if (native !== undefined) return native;
  let named: string | undefined;
  for (let at: number | undefined = id; at !== undefined; at = parents.get(at)) {
    const frame = nodes.get(at)?.callFrame;
    if (frame === undefined) break;
    const found = GROUPS.find(([, place]) => place.test(frame.url))?.[0];
    // The protocol's encoders and decoders serve both ways: whoever called them says which it is.
    if (found !== undefined && found !== 'kafkajs') return named ?? found;
    if (found === 'kafkajs') {
      const caller = callerOfKafka(at, nodes, parents);
      if (caller !== undefined) return caller;
      named ??= found;
    }
  }
  return named ?? 'node';
}

function callerOfKafka(
  id: number,
  nodes: Map<number, ProfileNode>,
  parents: Map<number, number>,
): string | undefined {
  for (let at: number | undefined = id; at !== undefined; at = parents.get(at)) {
    const url = nodes.get(at)?.callFrame.url ?? '';
    if (/kafkajs\/src\/producer\/|requests\/produce\//.test(url)) return 'publish';
    if (/kafkajs\/src\/consumer\/|requests\/fetch\//.test(url)) return 'consume (kafkajs)';
  }
  return undefined;
}
