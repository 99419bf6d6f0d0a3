/** Text into bytes. A call into native code takes longer than some forty characters do here. */

const SHORT_TEXT = 40;

/** Writes it in UTF-8, which takes at most three bytes a character; there is room for it. @returns where it ends */
export function putText(bytes: Buffer, start: number, text: string): number {
  const { length } = text;
  if (length <= SHORT_TEXT) {
    let at = 0;
    for (; at < length; at++) {
      const code = text.charCodeAt(at);
      if (code > 0x7f) break;
      bytes[start + at] = code;
    }
    if (at === length) return start + length;
  }
  return start + bytes.write(text, start);
}
