import { RefusedFault } from '@holdfast/core';
import { refusalOf } from './refusals.js';

function protocolError(type: string): Error {
  return Object.assign(new Error(`said ${type}`), { name: 'KafkaJSProtocolError', type });
}

describe('what a broker refuses for good', () => {
  it('is found where the client wraps it, and says what to do', () => {
    const cause = protocolError('TOPIC_AUTHORIZATION_FAILED');
    const wrapped = new Error('retries exceeded', { cause });
    for (const error of [cause, wrapped, Object.assign(new Error('x'), { originalError: wrapped })]) {
      const refusal = refusalOf(error);
      expect(refusal).toBeInstanceOf(RefusedFault);
      expect(refusal?.message).toContain('topics acl');
    }
    const login = Object.assign(new Error('no such user'), { name: 'KafkaJSSASLAuthenticationError' });
    expect(refusalOf(login)?.message).toContain('KAFKA_SASL_PASSWORD_FILE');
  });

  it('is nothing else', () => {
    expect(refusalOf(protocolError('NOT_LEADER_FOR_PARTITION'))).toBeUndefined();
    expect(refusalOf(new Error('connection closed'))).toBeUndefined();
    expect(refusalOf(undefined)).toBeUndefined();
  });
});
