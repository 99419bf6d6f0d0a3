/**
 * The way to the brokers. Where they want TLS and a login, the environment says so, by the names that Holdfast's own
 * processes use; a password is in a file, and so neither in the arguments nor in the environment.
 */

import { readFileSync } from 'node:fs';
import type { ConnectionOptions } from '@holdfast/client';

type KafkaOptions = ConnectionOptions['kafka'];

/** @throws when a file that is named cannot be read */
export function kafkaAt(brokers: string, clientId: string): KafkaOptions {
  const {
    KAFKA_TLS: tls,
    KAFKA_TLS_CA_FILE: caFile,
    KAFKA_SASL_MECHANISM: mechanism,
    KAFKA_SASL_USERNAME: username = '',
    KAFKA_SASL_PASSWORD_FILE: passwordFile = '',
  } = process.env;
  const kafka: KafkaOptions = { brokers: brokers.split(','), clientId };
  if (tls === 'on') kafka.ssl = caFile ? { ca: readFileSync(caFile, 'utf8') } : true;
  if (mechanism === 'scram-sha-256' || mechanism === 'scram-sha-512') {
    const password = readFileSync(passwordFile, 'utf8').trim();
    // One of the two: kafkajs has a type for each.
    kafka.sasl = { mechanism: mechanism as 'scram-sha-512', username, password };
  } else if (mechanism !== undefined && mechanism !== 'none') {
    throw new Error(`KAFKA_SASL_MECHANISM is ${mechanism}: use scram-sha-256 or scram-sha-512`);
  }
  return kafka;
}
