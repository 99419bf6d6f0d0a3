import { guide } from './guide.js';

const page = { url: 'http://127.0.0.1:8080', key: 'hf_abc_def' };
const stack = {
  kind: 'embedded',
  brokers: ['127.0.0.1:1', '127.0.0.1:2'],
  mongoUri: 'mongodb://h/?a=b',
} as const;

describe('the guide that npm start prints', () => {
  it('names the servers so that a shell can take the lines over', () => {
    const text = guide({ ...stack, brokers: [...stack.brokers] }, '', page);
    expect(text).toContain('  export KAFKA_BROKERS=127.0.0.1:1,127.0.0.1:2\n');
    expect(text).toContain("  export MONGODB_URI='mongodb://h/?a=b'\n");
  });

  it('says where the page is, and the key that was made or how to make one', () => {
    const servers = { ...stack, brokers: [...stack.brokers] };
    const made = guide(servers, '', page);
    expect(made).toContain("The merchant's page: http://127.0.0.1:8080\n");
    expect(made).toContain('\n  sign in with hf_abc_def\n');
    const toBeMade = guide(servers, '', { ...page, key: undefined });
    expect(toBeMade).toContain('\n  npm run -s ops -- keys create --scope operator --name "Jo"\n');
    expect(toBeMade).not.toContain('hf_');
  });

  it('places an order that is valid JSON once the shell has put in the time', () => {
    const text = guide({ ...stack, brokers: [...stack.brokers] }, 'try-', page);
    const value = /echo 'sole-bakery\|(.*)' \|/.exec(text)?.[1] ?? '';
    const said = value.replace("'$(date -u +%FT%TZ)'", '2026-03-14T08:26:53Z');
    expect(JSON.parse(said)).toMatchObject({ orderId: 'order-1', occurredAt: '2026-03-14T08:26:53Z' });
    expect(text).toContain('-t try-OrderPlaced ');
    expect(text).toContain('placed --brokers 127.0.0.1:1,127.0.0.1:2 --prefix try- \\\n');
  });
});
