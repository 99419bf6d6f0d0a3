/** Texts for people and logs, without passwords. */

const HIDDEN = '***';

/** A connection string that may be shown: no password, no token. */
export function redactedUri(uri: string): string {
  return uri
    .replace(/^([a-z+]+:\/\/[^:@/?]*):.*@(?=[^@]*$)/i, `$1:${HIDDEN}@`)
    .replace(
      /([?&](?:tlsCertificateKeyFilePassword|proxyPassword|authMechanismProperties)=)[^&]*/gi,
      `$1${HIDDEN}`,
    );
}

/** Any text in which connection strings may stand: an error's message, a line of a log. */
export function redacted(text: string): string {
  return text.replace(/\b[a-z][a-z0-9+.-]*:\/\/[^\s"'`]+/gi, (uri) => redactedUri(uri));
}
