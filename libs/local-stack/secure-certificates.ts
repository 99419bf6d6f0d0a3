/**
 * Certificates for servers of this machine, made in an instant with what Node has: there is no tool that every
 * machine has for it. X.509 version 3 (RFC 5280), keys on the curve P-256.
 */

import { createHash, generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto';

/** PEM texts. */
export interface Certified {
  certificate: string;
  key: string;
}

export interface CertificateRequest {
  /** the subject's common name */
  name: string;
  /** IPv4 addresses and names under which it is reached */
  hosts: readonly string[];
  /** tomorrow in a month unless given */
  until?: Date;
}

export interface Authority {
  /** PEM text of its own certificate, for those who are to believe it */
  certificate: string;
  /** A certificate for a server, or for a client, of this authority. */
  issue(request: CertificateRequest): Certified;
}

const DAY_MS = 86_400_000;
const LASTS_MS = 30 * DAY_MS;

const OID = {
  commonName: '550403',
  ecdsaWithSha256: '2a8648ce3d040302',
  subjectKeyIdentifier: '551d0e',
  keyUsage: '551d0f',
  subjectAltName: '551d11',
  basicConstraints: '551d13',
  authorityKeyIdentifier: '551d23',
  extendedKeyUsage: '551d25',
  serverAuth: '2b06010505070301',
  clientAuth: '2b06010505070302',
} as const;

/** An authority that lives as long as this process keeps it: its key is written nowhere. */
export function makeAuthority(name: string): Authority {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const own = { issuer: name, subject: name, until: new Date(Date.now() + LASTS_MS) };
  const keyId = keyIdOf(publicKey);
  const extensions = [
    extension(OID.basicConstraints, sequence(der(0x01, Buffer.from([0xff]))), true),
    extension(OID.keyUsage, bits(0x06), true), // signs certificates and lists of revoked ones
    extension(OID.subjectKeyIdentifier, der(0x04, keyId)),
  ];
  return {
    certificate: signed({ ...own, publicKey, extensions }, privateKey),
    issue: ({ name: subject, hosts, until = own.until }) => {
      const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      const issued = [
        extension(OID.basicConstraints, sequence(), true),
        extension(OID.keyUsage, bits(0x80), true), // signs
        extension(OID.extendedKeyUsage, sequence(oid(OID.serverAuth), oid(OID.clientAuth))),
        extension(OID.subjectAltName, sequence(...hosts.map(alternativeName))),
        extension(OID.subjectKeyIdentifier, der(0x04, keyIdOf(pair.publicKey))),
        extension(OID.authorityKeyIdentifier, sequence(der(0x80, keyId))),
      ];
      const { publicKey: subjectKey } = pair;
      return {
        certificate: signed(
          { issuer: name, subject, until, publicKey: subjectKey, extensions: issued },
          privateKey,
        ),
        key: pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      };
    },
  };
}

interface Contents {
  issuer: string;
  subject: string;
  until: Date;
  publicKey: KeyObject;
  extensions: Buffer[];
}

function signed({ issuer, subject, until, publicKey, extensions }: Contents, key: KeyObject): string {
  const algorithm = sequence(oid(OID.ecdsaWithSha256));
  const from = new Date(Math.min(Date.now(), until.getTime()) - DAY_MS); // clocks differ
  const body = sequence(
    der(0xa0, integer(Buffer.from([2]))), // version 3
    integer(randomBytes(16)),
    algorithm,
    nameOf(issuer),
    sequence(time(from), time(until)),
    nameOf(subject),
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(...extensions)),
  );
  const signature = der(0x03, Buffer.from([0]), sign('sha256', body, key));
  const lines =
    sequence(body, algorithm, signature)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

function extension(id: string, value: Buffer, isCritical = false): Buffer {
  return sequence(oid(id), ...(isCritical ? [der(0x01, Buffer.from([0xff]))] : []), der(0x04, value));
}

function alternativeName(host: string): Buffer {
  const isAddress = /^\d+(\.\d+){3}$/.test(host);
  return isAddress
    ? der(0x87, Buffer.from(host.split('.').map(Number)))
    : der(0x82, Buffer.from(host, 'ascii'));
}

function nameOf(commonName: string): Buffer {
  return sequence(der(0x31, sequence(oid(OID.commonName), der(0x0c, Buffer.from(commonName)))));
}

function keyIdOf(key: KeyObject): Buffer {
  return createHash('sha1')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest();
}

function time(at: Date): Buffer {
  const text = at.toISOString().replaceAll(/[-:T]|\.\d+/g, '');
  return der(0x17, Buffer.from(text.slice(2), 'ascii')); // UTCTime: years of two digits, to 2049
}

/** A bit string of one byte, unused bits at its end taken off. */
function bits(byte: number): Buffer {
  const unused = Math.log2(byte & -byte);
  return der(0x03, Buffer.from([unused, byte]));
}

/** Not negative: a byte of zeros before a first bit that is set. */
function integer(bytes: Buffer): Buffer {
  const first = (bytes[0] ?? 0) & 0x7f;
  return der(
    0x02,
    Buffer.concat([Buffer.from([bytes.length > 1 ? first | 0x40 : first]), bytes.subarray(1)]),
  );
}

function oid(hex: string): Buffer {
  return der(0x06, Buffer.from(hex, 'hex'));
}

function sequence(...parts: Buffer[]): Buffer {
  return der(0x30, ...parts);
}

function der(tag: number, ...parts: Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  if (length < 0x80) return Buffer.concat([Buffer.from([tag, length]), content]);
  const size = length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}
