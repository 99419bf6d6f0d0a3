/** Every file that is written from the messages' code, below the project's folder. */

import { schemaFiles } from '../json-schema.js';
import { asText, asyncApiDocument } from './document.js';
import { pageOf } from './page.js';

export const RELEASED_FOLDER = 'docs/released';

/** Path to text. */
export function documentFiles(): Map<string, string> {
  const document = asyncApiDocument();
  const files = new Map<string, string>();
  for (const [name, text] of schemaFiles()) files.set(`docs/schemas/${name}`, text);
  files.set('docs/asyncapi.json', asText(document));
  files.set('docs/messages.md', pageOf(document));
  return files;
}
