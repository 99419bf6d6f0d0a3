/** Settings of security as the clients of Kafka and MongoDB take them, or what is wrong with them. */

import { X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import { fileText, Mistake } from './given.js';
import { KAFKA_SECURITY, type MONGO_SECURITY } from './security-settings.js';
import type { Values } from './setting.js';

/** PEM texts. */
export interface TlsMaterial {
  ca?: string;
  cert?: string;
  key?: string;
}

export interface KafkaSecurity {
  ssl?: TlsMaterial;
  sasl?: { mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512'; username: string; password: string };
}

export interface MongoSecurity {
  tls?: TlsMaterial;
  login?: { username: string; password: string; authSource: string };
}

/** @param mistakes is added to */
export function kafkaSecurity(values: Values<typeof KAFKA_SECURITY>, mistakes: string[]): KafkaSecurity {
  const security: KafkaSecurity = {};
  const { kafkaTls: isOn, kafkaMechanism: mechanism } = values;
  const files = { ca: values.kafkaCaFile, cert: values.kafkaCertFile, key: values.kafkaKeyFile };
  const tls = tlsMaterial('KAFKA_TLS', isOn, files, mistakes);
  if (tls) security.ssl = tls;
  const { kafkaUsername: username, kafkaPassword: password } = values;
  if (mechanism === 'none') {
    if (username !== '' || password !== '') {
      mistakes.push(
        'KAFKA_SASL_MECHANISM is `none`, but a user or a password is set: set it to scram-sha-512 (or what the ' +
          'brokers want), or unset the other two',
      );
    }
    return security;
  }
  const { kafkaUsername, kafkaPassword } = KAFKA_SECURITY;
  if (username === '')
    mistakes.push(`${kafkaUsername.name} is not set, and KAFKA_SASL_MECHANISM asks for a user`);
  if (password === '') {
    mistakes.push(
      `${kafkaPassword.name} is not set, and KAFKA_SASL_MECHANISM asks for one: set KAFKA_SASL_PASSWORD_FILE ` +
        'to the path of a file that holds it',
    );
  }
  if (mechanism === 'plain' && !isOn) {
    mistakes.push(
      'KAFKA_SASL_MECHANISM is `plain`, which sends the password as it is: set KAFKA_TLS=on, or use scram-sha-512',
    );
  }
  security.sasl = { mechanism, username, password };
  return security;
}

/** @param mistakes is added to */
export function mongoSecurity(values: Values<typeof MONGO_SECURITY>, mistakes: string[]): MongoSecurity {
  const security: MongoSecurity = {};
  const files = { ca: values.mongoCaFile, cert: values.mongoCertFile, key: values.mongoKeyFile };
  const tls = tlsMaterial('MONGODB_TLS', values.mongoTls, files, mistakes);
  if (tls) security.tls = tls;
  const { mongoUsername: username, mongoPassword: password, mongoAuthSource: authSource } = values;
  if (username === '' && password === '') return security;
  if (username === '') mistakes.push('MONGODB_USERNAME is not set, but a password is: set both, or neither');
  if (password === '') {
    mistakes.push(
      'MONGODB_PASSWORD is not set, but MONGODB_USERNAME is: set MONGODB_PASSWORD_FILE to the path of a file ' +
        'that holds it',
    );
  }
  security.login = { username, password, authSource };
  return security;
}

/** @param prefix of the settings' names */
function tlsMaterial(
  prefix: string,
  isOn: boolean,
  files: { ca: string; cert: string; key: string },
  mistakes: string[],
): TlsMaterial | undefined {
  const given = (['ca', 'cert', 'key'] as const).filter((part) => files[part] !== '');
  const nameOf = (part: keyof typeof files): string => `${prefix}_${part.toUpperCase()}_FILE`;
  if (!isOn) {
    for (const part of given)
      mistakes.push(`${nameOf(part)} is set, but ${prefix} is off: set ${prefix}=on, or unset it`);
    return undefined;
  }
  const [lonely, other] = files.cert === '' ? (['key', 'cert'] as const) : (['cert', 'key'] as const);
  if (files[lonely] !== '' && files[other] === '') {
    mistakes.push(`${nameOf(other)} is not set, but ${nameOf(lonely)} is: set both, or neither`);
  }
  const material: TlsMaterial = {};
  const before = mistakes.length;
  for (const part of given) {
    try {
      material[part] = pemOf(part, nameOf(part), files[part]);
    } catch (error) {
      if (!(error instanceof Mistake)) throw error;
      mistakes.push(error.message);
    }
  }
  if (mistakes.length === before) checkTogether(prefix, material, mistakes);
  return material;
}

/** @throws Mistake */
function pemOf(part: keyof TlsMaterial, name: string, path: string): string {
  const pem = fileText(name, path);
  if (part === 'key') {
    if (/-----BEGIN (EC |RSA )?PRIVATE KEY-----/.test(pem)) return pem;
    const why = /BEGIN ENCRYPTED|Proc-Type: 4,ENCRYPTED/.test(pem)
      ? 'an encrypted key'
      : 'no private key in PEM form';
    throw new Mistake(`${name} names a file with ${why}: it must hold -----BEGIN PRIVATE KEY-----`);
  }
  const certificates = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  if (certificates.length === 0) {
    throw new Mistake(
      `${name} names a file with no certificate in PEM form: it must hold -----BEGIN CERTIFICATE-----`,
    );
  }
  // A list of authorities may hold some that ended.
  const ends = certificates.map((certificate) => Date.parse(readable(name, certificate).validTo));
  if (Math.max(...ends) < Date.now()) {
    const ended = new Date(Math.max(...ends)).toISOString();
    throw new Mistake(`${name} names a certificate that ended on ${ended}: get a new one`);
  }
  return pem;
}

function readable(name: string, certificate: string): X509Certificate {
  try {
    return new X509Certificate(certificate);
  } catch {
    throw new Mistake(`${name} names a file with a certificate that cannot be read: is it whole?`);
  }
}

function checkTogether(prefix: string, material: TlsMaterial, mistakes: string[]): void {
  try {
    createSecureContext(material);
  } catch (error) {
    const code = (error as { code?: string }).code ?? '';
    mistakes.push(
      code === 'ERR_OSSL_X509_KEY_VALUES_MISMATCH'
        ? `${prefix}_KEY_FILE is not the key of the certificate in ${prefix}_CERT_FILE`
        : `${prefix}_CA_FILE, ${prefix}_CERT_FILE or ${prefix}_KEY_FILE cannot be used (${code})`,
    );
  }
}
