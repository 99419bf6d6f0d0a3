/** A broker that speaks TLS alone, asks for a login and lets nobody do what was not granted. */

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BrokerSettings } from './broker.js';
import type { Ports } from './data-folder.js';
import { SECURE_USERS, type Passwords } from './secure-users.js';

export interface SecureFiles {
  folder: string;
  /** of the authority */
  ca: string;
  /** certificate and key of the servers in one */
  server: string;
}

const LISTENER = 'SASL_SSL';

/** Settings on top of those of any broker. The file they are written to holds a password. */
export function secureBrokerSettings(
  { kafka, kafkaController }: Ports,
  files: SecureFiles,
  passwords: Passwords,
): BrokerSettings {
  const admin = passwords.admin;
  const plain =
    'org.apache.kafka.common.security.plain.PlainLoginModule required ' +
    `username="admin" password="${admin}" user_admin="${admin}" ` +
    `user_holdfast-worker="${passwords['holdfast-worker']}";`;
  const scram = 'org.apache.kafka.common.security.scram.ScramLoginModule required;';
  return {
    listeners: `${LISTENER}://127.0.0.1:${kafka},CONTROLLER://127.0.0.1:${kafkaController}`,
    'advertised.listeners': `${LISTENER}://127.0.0.1:${kafka}`,
    'listener.security.protocol.map': `${LISTENER}:SASL_SSL,CONTROLLER:SASL_SSL`,
    'inter.broker.listener.name': LISTENER,
    'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512',
    // Between the parts of the broker, which know this user from here and not from what they are about to read.
    'sasl.mechanism.inter.broker.protocol': 'PLAIN',
    'sasl.mechanism.controller.protocol': 'PLAIN',
    'listener.name.sasl_ssl.plain.sasl.jaas.config': plain,
    'listener.name.sasl_ssl.scram-sha-256.sasl.jaas.config': scram,
    'listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config': scram,
    'listener.name.controller.sasl.enabled.mechanisms': 'PLAIN',
    'listener.name.controller.plain.sasl.jaas.config': plain,
    'listener.name.sasl_ssl.ssl.client.auth': 'requested',
    'ssl.keystore.type': 'PEM',
    'ssl.keystore.location': files.server,
    'ssl.truststore.type': 'PEM',
    'ssl.truststore.location': files.ca,
    'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
    'super.users': 'User:admin',
    'allow.everyone.if.no.acl.found': false,
  };
}

/** Words for the format of the storage that make everybody known. @returns the file that holds them */
export async function scramFile(folder: string, passwords: Passwords): Promise<string> {
  const words = SECURE_USERS.flatMap((user) =>
    ['SCRAM-SHA-256', 'SCRAM-SHA-512'].flatMap((mechanism) => [
      '--add-scram',
      `${mechanism}=[name=${user},password=${passwords[user]}]`,
    ]),
  );
  const file = join(folder, 'scram.words');
  await writeFile(file, words.join('\n') + '\n', { mode: 0o600 });
  return file;
}
