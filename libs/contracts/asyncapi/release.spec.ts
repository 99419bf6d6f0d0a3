import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { asText, asyncApiDocument } from './document.js';
import { RELEASED_FOLDER } from './files.js';
import { brokenPromises, lastRelease, newRelease, releaseFile, type Release } from './release.js';
import type { AsyncApiDocument } from './types.js';

const folder = join(__dirname, '..', '..', '..', RELEASED_FOLDER);
const releases = readdirSync(folder).map((file): Release => {
  return { file, document: JSON.parse(readFileSync(join(folder, file), 'utf8')) as AsyncApiDocument };
});

/** The current document, changed. */
function changed(change: (document: AsyncApiDocument) => void, version = '1.4.0'): AsyncApiDocument {
  const document = structuredClone(asyncApiDocument());
  document.info.version = version;
  change(document);
  return document;
}

function released(version: string, change: (document: AsyncApiDocument) => void = () => {}): Release {
  return { file: releaseFile(version), document: changed(change, version) };
}

const withoutReason = (document: AsyncApiDocument): void => {
  const schema = document.components.schemas['CustomerNotification'] as {
    properties: Record<string, object>;
  };
  delete schema.properties['reason'];
};
const withNote = (document: AsyncApiDocument): void => {
  const schema = document.components.schemas['CustomerNotification'] as {
    properties: Record<string, object>;
  };
  schema.properties['note'] = { type: 'string' };
};

describe('the messages of this code', () => {
  it('keep the promises of the last release', () => {
    const broken = brokenPromises(releases);
    // Thrown, not compared: a diff of two texts would hide what to do.
    if (broken !== undefined) throw new Error(broken);
  });

  it('have a release to be held against', () => {
    expect(lastRelease(releases)).toBeDefined();
  });
});

describe('brokenPromises', () => {
  it('says what breaks, whose release, and how it is released on purpose', () => {
    const said = brokenPromises([released('1.4.0')], changed(withoutReason));
    expect(said).toContain('CustomerNotification: value /reason is gone: readers still look for it');
    expect(said).toContain('docs/released/messages-1.4.0.json');
    expect(said).toContain('set MESSAGES_VERSION in libs/contracts/asyncapi/version.ts to 2.0.0');
    expect(said).toContain('npm run schemas -- --release');
  });

  it('is silent when nothing breaks, when nothing is released, and when the first number has risen', () => {
    expect(brokenPromises([released('1.4.0')], changed(withNote))).toBeUndefined();
    expect(brokenPromises([], changed(withoutReason))).toBeUndefined();
    expect(brokenPromises([released('1.4.0')], changed(withoutReason, '2.0.0'))).toBeUndefined();
  });

  it('does not take a higher second number for a meant break', () => {
    expect(brokenPromises([released('1.4.0')], changed(withoutReason, '1.5.0'))).toBeDefined();
  });

  it('holds against the highest version, by number and not by name', () => {
    const all = [released('1.10.0', withoutReason), released('1.9.0'), released('0.9.1')];
    expect(lastRelease(all)?.file).toBe('messages-1.10.0.json');
    expect(brokenPromises(all, changed(withoutReason, '1.10.0'))).toBeUndefined();
  });

  it('refuses a release whose name is not its version', () => {
    const misnamed = { ...released('1.4.0'), file: releaseFile('1.5.0') };
    expect(() => brokenPromises([misnamed])).toThrow(/messages-1.5.0.json holds version 1.4.0/);
  });
});

describe('newRelease', () => {
  it('keeps the current document under its version', () => {
    const document = changed(withNote, '1.5.0');
    expect(newRelease([released('1.4.0')], document)).toEqual({
      file: 'messages-1.5.0.json',
      text: asText(document),
    });
    expect(newRelease([], document).refused).toBeUndefined();
  });

  it('may be made again when nothing has changed', () => {
    expect(
      newRelease(
        [released('1.4.0')],
        changed(() => {}),
      ).refused,
    ).toBeUndefined();
  });

  it('does not change what is released, but asks for a higher version', () => {
    expect(newRelease([released('1.4.0')], changed(withNote)).refused).toMatch(
      /MESSAGES_VERSION .* to 1\.5\.0/,
    );
  });

  it('is refused while it breaks what was promised, unless the first number has risen', () => {
    expect(newRelease([released('1.4.0')], changed(withoutReason, '1.5.0')).refused).toMatch(
      /this breaks them/,
    );
    expect(newRelease([released('1.4.0')], changed(withoutReason, '2.0.0')).refused).toBeUndefined();
  });
});
