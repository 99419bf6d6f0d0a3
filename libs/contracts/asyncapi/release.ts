/** Releases of the messages: which one counts, whether the code keeps its promises, and how a new one is made. */

import { breakingChanges } from './breaking-changes.js';
import { asText, asyncApiDocument } from './document.js';
import type { AsyncApiDocument } from './types.js';

export interface Release {
  /** name below docs/released */
  file: string;
  document: AsyncApiDocument;
}

type Version = [major: number, minor: number, patch: number];

export function releaseFile(version: string): string {
  return `messages-${version}.json`;
}

/** The one with the highest version. @throws when a name and a version do not fit */
export function lastRelease(releases: readonly Release[]): Release | undefined {
  for (const { file, document } of releases) {
    if (file !== releaseFile(document.info.version))
      throw new Error(`docs/released/${file} holds version ${document.info.version}: name it so, or mend it`);
  }
  return [...releases].sort((a, b) => order(versionOf(a), versionOf(b))).at(-1);
}

/**
 * Why the code may not go out as it is, as text for people; undefined when it may. A new first number of the
 * version says that breaking is meant.
 */
export function brokenPromises(
  releases: readonly Release[],
  current: AsyncApiDocument = asyncApiDocument(),
): string | undefined {
  const last = lastRelease(releases);
  if (!last) return undefined;
  const broken = breakingChanges(last.document, current);
  const [major] = parsed(current.info.version);
  const [was] = versionOf(last);
  if (broken.length === 0 || major > was) return undefined;
  const next = `${was + 1}.0.0`;
  return [
    `Other teams rely on the messages of version ${last.document.info.version} (docs/released/${last.file}), and this breaks them:`,
    '',
    ...broken.map((line) => `  - ${line}`),
    '',
    'Keep what was promised, and add beside it: an optional field, a wider bound of what is accepted, another topic.',
    'If the break is meant, release it on purpose:',
    `  1. set MESSAGES_VERSION in libs/contracts/asyncapi/version.ts to ${next}; where readers must tell old from new,`,
    '     raise the number in cloudEventType (libs/contracts/cloud-events.ts), too;',
    '  2. say in CHANGELOG.md what senders and readers have to change, and agree with their teams when;',
    `  3. npm run schemas -- --release, and commit docs: docs/released/${releaseFile(next)} is what counts from then on.`,
  ].join('\n');
}

export interface NewRelease {
  file: string;
  text: string;
  /** why not, as text for people */
  refused?: string;
}

/** The current document as the next release. What is released already stays as it is. */
export function newRelease(
  releases: readonly Release[],
  current: AsyncApiDocument = asyncApiDocument(),
): NewRelease {
  const file = releaseFile(current.info.version);
  const text = asText(current);
  const last = lastRelease(releases);
  const broken = brokenPromises(releases, current);
  if (broken !== undefined) return { file, text, refused: broken };
  if (last && order(parsed(current.info.version), versionOf(last)) <= 0 && text !== asText(last.document)) {
    const [major, minor] = versionOf(last);
    const refused =
      `The messages have changed since version ${last.document.info.version}, which is released: ` +
      `set MESSAGES_VERSION in libs/contracts/asyncapi/version.ts to ${major}.${minor + 1}.0, and try again.`;
    return { file, text, refused };
  }
  return { file, text };
}

function versionOf({ document }: Release): Version {
  return parsed(document.info.version);
}

function parsed(version: string): Version {
  const found = /^(\d+)\.(\d+)\.(\d+)$/.exec(version);
  if (!found) throw new Error(`${version} is no version like 1.2.3`);
  return [Number(found[1]), Number(found[2]), Number(found[3])];
}

function order(a: Version, b: Version): number {
  return a[0] - b[0] || a[1] - b[1] || a[2] - b[2];
}
