/** How the servers are reached safely: TLS and logins. Apply to the servers that the environment names. */

import { flag, oneOf, setting, text, type Setting } from './setting.js';

export const SASL_MECHANISMS = ['none', 'plain', 'scram-sha-256', 'scram-sha-512'] as const;

const optional = (name: string, means: string): Setting<string> => setting(name, text, means, '');
const secret = (name: string, means: string): Setting<string> => ({
  ...optional(name, means),
  isSecret: true,
});

export const KAFKA_SECURITY = {
  kafkaTls: setting('KAFKA_TLS', flag, 'whether connections to Kafka are encrypted: `on` or `off`', 'off'),
  kafkaCaFile: optional(
    'KAFKA_TLS_CA_FILE',
    'certificates (PEM) of who may vouch for the brokers; empty = those that Node trusts',
  ),
  kafkaCertFile: optional('KAFKA_TLS_CERT_FILE', 'certificate (PEM) that this process shows to the brokers'),
  kafkaKeyFile: optional('KAFKA_TLS_KEY_FILE', 'private key (PEM) of that certificate'),
  kafkaMechanism: setting(
    'KAFKA_SASL_MECHANISM',
    oneOf(SASL_MECHANISMS),
    'how this process logs in at Kafka: `none`, `plain`, `scram-sha-256` or `scram-sha-512`',
    'none',
  ),
  kafkaUsername: optional('KAFKA_SASL_USERNAME', 'user at Kafka'),
  kafkaPassword: secret('KAFKA_SASL_PASSWORD', 'password at Kafka'),
} as const;

export const MONGO_SECURITY = {
  mongoTls: setting(
    'MONGODB_TLS',
    flag,
    'whether connections to MongoDB are encrypted: `on` or `off`; `off` leaves it to `MONGODB_URI`',
    'off',
  ),
  mongoCaFile: optional(
    'MONGODB_TLS_CA_FILE',
    'certificates (PEM) of who may vouch for MongoDB; empty = those that Node trusts',
  ),
  mongoCertFile: optional('MONGODB_TLS_CERT_FILE', 'certificate (PEM) that this process shows to MongoDB'),
  mongoKeyFile: optional('MONGODB_TLS_KEY_FILE', 'private key (PEM) of that certificate'),
  mongoUsername: optional('MONGODB_USERNAME', 'user at MongoDB; empty = the one in `MONGODB_URI`, if any'),
  mongoPassword: secret('MONGODB_PASSWORD', 'password at MongoDB'),
  mongoAuthSource: setting('MONGODB_AUTH_SOURCE', text, 'the database that knows that user', 'admin'),
} as const;
