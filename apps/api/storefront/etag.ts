/** Weak entity tags (RFC 9110): the same answer has the same tag. */

import { createHash } from 'node:crypto';

export function weakTag(body: string): string {
  return `W/"${createHash('sha1').update(body).digest('base64url')}"`;
}

/** @param header If-None-Match: tags with commas between, or `*` */
export function hasTag(header: string | undefined, tag: string): boolean {
  if (header === undefined) return false;
  return header.split(',').some((one) => one.trim() === '*' || opaque(one) === opaque(tag));
}

/** Weak comparison: only what stands in quotes counts. */
function opaque(tag: string): string {
  return tag.trim().replace(/^W\//, '');
}
