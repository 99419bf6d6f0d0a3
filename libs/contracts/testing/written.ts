/** Messages with their values as text. */

import { Utf8Writer, type PublishedMessage, type UnwrittenMessage } from '../index.js';

export function written({ writeValue, ...message }: UnwrittenMessage): PublishedMessage {
  const to = new Utf8Writer();
  writeValue(to);
  return { ...message, value: to.bytes.toString('utf8', 0, to.end) };
}
