import { pageEnded, staying } from './closing.js';

const page = { url: 'http://127.0.0.1:4001/#/sole-bakery/calendar/2026-12', key: 'hf_abc_def' };

describe('the closing words', () => {
  it('say that the page is gone, and how it would stay', () => {
    expect(pageEnded(page)).toContain("The bakery's page, http://127.0.0.1:4001, ended with the demo.");
    expect(pageEnded(page)).toContain('npm run demo -- --stay');
  });

  it('say where everything is while it stays, in lines that a shell takes over', () => {
    const text = staying(page, { brokers: ['h:1', 'h:2'], mongoUri: 'mongodb://h/?a=b' });
    expect(text).toContain(`\n  ${page.url}\n  sign in with  ${page.key}\n`);
    expect(text).toContain("\n  export KAFKA_BROKERS=h:1,h:2\n  export MONGODB_URI='mongodb://h/?a=b'\n");
  });
});
