/** What clients need to be let in, as config reads it and messaging and store take it. */

import type { KafkaConfig, SASLOptions } from 'kafkajs';
import type { mongo } from 'mongoose';

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

/** The same for kafkajs. */
export function kafkaClientOptions({ ssl, sasl }: KafkaSecurity = {}): Pick<KafkaConfig, 'ssl' | 'sasl'> {
  // A copy: kafkajs notes in it how it logs in.
  return { ...(ssl && { ssl }), ...(sasl && { sasl: { ...sasl } as SASLOptions }) };
}

/** The same for the driver. */
export function mongoClientOptions({ tls, login }: MongoSecurity = {}): mongo.MongoClientOptions {
  return {
    ...(tls && { tls: true, ...tls }),
    ...(login && {
      auth: { username: login.username, password: login.password },
      authSource: login.authSource,
    }),
  };
}
