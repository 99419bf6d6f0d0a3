import { guide } from './guide.js';

const stack = {
  kind: 'embedded',
  brokers: ['127.0.0.1:1', '127.0.0.1:2'],
  mongoUri: 'mongodb://h/?a=b',
} as const;

describe('the guide that npm start prints', () => {
  it('names the servers so that a shell can take the lines over', () => {
    const text = guide({ ...stack, brokers: [...stack.brokers] }, '');
    expect(text).toContain('  export KAFKA_BROKERS=127.0.0.1:1,127.0.0.1:2\n');
    expect(text).toContain("  export MONGODB_URI='mongodb://h/?a=b'\n");
  });

  it('places an order that is valid JSON once the shell has put in the time', () => {
    const text = guide({ ...stack, brokers: [...stack.brokers] }, 'try-');
    const value = /echo 'sole-bakery\|(.*)' \|/.exec(text)?.[1] ?? '';
    const said = value.replace("'$(date -u +%FT%TZ)'", '2026-03-14T08:26:53Z');
    expect(JSON.parse(said)).toMatchObject({ orderId: 'order-1', occurredAt: '2026-03-14T08:26:53Z' });
    expect(text).toContain('-t try-OrderPlaced ');
  });
});
