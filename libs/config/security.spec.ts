import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeAuthority } from '../local-stack/secure-certificates.js';
import { childEnvironment } from './child-environment.js';
import { ConfigError, serverConfig, workerConfig } from './environment.js';
import { redacted, redactedUri } from './redaction.js';
import { stackEnvironment } from './stack-environment.js';

const servers = { KAFKA_BROKERS: 'kafka:9093', MONGODB_URI: 'mongodb://db:27017/?replicaSet=rs0' };

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-config-'));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

function mistakesOf(environment: Record<string, string>): string {
  try {
    workerConfig({ ...servers, ...environment });
  } catch (error) {
    if (error instanceof ConfigError) return error.mistakes.join('\n');
    throw error;
  }
  return '';
}

describe('the security of the servers', () => {
  const authority = makeAuthority('test');
  const one = authority.issue({ name: 'one', hosts: ['127.0.0.1'] });
  const other = authority.issue({ name: 'other', hosts: ['127.0.0.1'] });

  it('is none unless it is set', () => {
    expect(serverConfig(servers)).toMatchObject({ kafkaSecurity: {}, mongoSecurity: {} });
  });

  it('takes certificates and passwords from files', () => {
    const config = serverConfig({
      ...servers,
      KAFKA_TLS: 'on',
      KAFKA_TLS_CA_FILE: file('ca.pem', authority.certificate),
      KAFKA_TLS_CERT_FILE: file('one.pem', one.certificate),
      KAFKA_TLS_KEY_FILE: file('one.key', one.key),
      KAFKA_SASL_MECHANISM: 'scram-sha-512',
      KAFKA_SASL_USERNAME: 'worker',
      KAFKA_SASL_PASSWORD_FILE: file('kafka.password', 'hunter2\n'),
      MONGODB_USERNAME: 'worker',
      MONGODB_PASSWORD_FILE: file('mongo.password', ' with blanks \r\n'),
    });
    expect(config.kafkaSecurity).toEqual({
      ssl: { ca: authority.certificate, cert: one.certificate, key: one.key },
      sasl: { mechanism: 'scram-sha-512', username: 'worker', password: 'hunter2' },
    });
    expect(config.mongoSecurity.login).toEqual({
      username: 'worker',
      password: ' with blanks ',
      authSource: 'admin',
    });
  });

  it('takes the connection string from a file, and not from two places', () => {
    const path = file('uri', 'mongodb://u:p@db/\n');
    const { KAFKA_BROKERS } = servers;
    expect(serverConfig({ KAFKA_BROKERS, MONGODB_URI_FILE: path }).mongoUri).toBe('mongodb://u:p@db/');
    expect(mistakesOf({ MONGODB_URI_FILE: path })).toContain('MONGODB_URI and MONGODB_URI_FILE are both set');
  });

  it.each<[string, Record<string, string>, string]>([
    ['a word that is none', { KAFKA_TLS: 'yes' }, 'KAFKA_TLS must be one of on, off'],
    [
      'a file without its switch',
      { KAFKA_TLS_CA_FILE: '/x' },
      'KAFKA_TLS_CA_FILE is set, but KAFKA_TLS is off',
    ],
    [
      'a file that is not there',
      { MONGODB_TLS: 'on', MONGODB_TLS_CA_FILE: '/nowhere' },
      'MONGODB_TLS_CA_FILE names a file that is not there',
    ],
    [
      'a password file that is not there',
      { MONGODB_USERNAME: 'u', MONGODB_PASSWORD_FILE: '/nowhere' },
      'MONGODB_PASSWORD_FILE names a file that is not there',
    ],
    [
      'a user without a password',
      { MONGODB_USERNAME: 'u' },
      'MONGODB_PASSWORD is not set, but MONGODB_USERNAME is',
    ],
    [
      'a password without a user',
      { MONGODB_PASSWORD: 'p' },
      'MONGODB_USERNAME is not set, but a password is',
    ],
    [
      'a login that is not asked for',
      { KAFKA_SASL_USERNAME: 'u' },
      'KAFKA_SASL_MECHANISM is `none`, but a user',
    ],
    [
      'a mechanism without a user',
      { KAFKA_SASL_MECHANISM: 'scram-sha-256', KAFKA_SASL_PASSWORD: 'p' },
      'KAFKA_SASL_USERNAME is not set',
    ],
    [
      'a password sent in the clear',
      { KAFKA_SASL_MECHANISM: 'plain', KAFKA_SASL_USERNAME: 'u', KAFKA_SASL_PASSWORD: 'p' },
      'set KAFKA_TLS=on, or use scram-sha-512',
    ],
    [
      'a password that is not encoded',
      { MONGODB_URI: 'mongodb://user:hunter2/@db/' },
      'MONGODB_URI must be mongodb://user:password@host:port',
    ],
  ])('names %s, and the remedy', (_, environment, mistake) => {
    expect(mistakesOf(environment)).toContain(mistake);
    expect(mistakesOf(environment)).not.toContain('hunter2');
  });

  it('names a certificate that is none, and a key of another one', () => {
    const on = { KAFKA_TLS: 'on' };
    const text = file('text', 'hunter2');
    const cert = file('one.pem', one.certificate);
    expect(mistakesOf({ ...on, KAFKA_TLS_CA_FILE: text })).toContain('no certificate in PEM form');
    expect(mistakesOf({ ...on, KAFKA_TLS_CERT_FILE: cert, KAFKA_TLS_KEY_FILE: text })).toContain(
      'KAFKA_TLS_KEY_FILE names a file with no private key in PEM form',
    );
    expect(mistakesOf({ ...on, KAFKA_TLS_CERT_FILE: cert })).toContain('KAFKA_TLS_KEY_FILE is not set');
    const key = file('other.key', other.key);
    expect(mistakesOf({ ...on, KAFKA_TLS_CERT_FILE: cert, KAFKA_TLS_KEY_FILE: key })).toContain(
      'KAFKA_TLS_KEY_FILE is not the key of the certificate in KAFKA_TLS_CERT_FILE',
    );
    const past = { name: 'old', hosts: ['127.0.0.1'], until: new Date('2020-01-01') };
    expect(
      mistakesOf({ ...on, KAFKA_TLS_CA_FILE: file('old', authority.issue(past).certificate) }),
    ).toContain('names a certificate that ended on 2020-01-01');
  });

  it('without servers to reach is a mistake of its own', () => {
    expect(() => stackEnvironment({ KAFKA_TLS: 'on' })).toThrow(
      'KAFKA_TLS is set, but neither KAFKA_BROKERS',
    );
    expect(stackEnvironment({ ...servers, KAFKA_TLS: 'on' }).kafkaSecurity).toEqual({ ssl: {} });
  });
});

describe('secrets', () => {
  it('stay in their file when a program is started', () => {
    const path = file('uri', 'mongodb://u:hunter2@db/');
    const given = { MONGODB_URI_FILE: path, KAFKA_SASL_PASSWORD_FILE: '/somewhere' };
    const child = childEnvironment({ mongoUri: 'mongodb://u:hunter2@db/' }, 'kept', given);
    expect(child).toEqual(given);
    expect(childEnvironment({ mongoUri: 'mongodb://other/' }, 'dropped', given)).toEqual({
      MONGODB_URI: 'mongodb://other/',
    });
  });

  it('are hidden in what is shown of a connection string', () => {
    expect(redactedUri('mongodb://jo:hunter2@a:1,b:2/?replicaSet=x')).toBe(
      'mongodb://jo:***@a:1,b:2/?replicaSet=x',
    );
    expect(redactedUri('mongodb+srv://jo:hun@ter2@a/')).toBe('mongodb+srv://jo:***@a/');
    expect(redactedUri('mongodb://a/?tlsCertificateKeyFilePassword=hunter2&x=y')).toBe(
      'mongodb://a/?tlsCertificateKeyFilePassword=***&x=y',
    );
    expect(redactedUri('mongodb://127.0.0.1:1/?replicaSet=x')).toBe('mongodb://127.0.0.1:1/?replicaSet=x');
    expect(redacted('cannot reach "mongodb://jo:hunter2@a:1/": refused')).toBe(
      'cannot reach "mongodb://jo:***@a:1/": refused',
    );
  });
});
