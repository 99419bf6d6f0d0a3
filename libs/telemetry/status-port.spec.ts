import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PortTaken, StatusPort } from './status-port.js';

async function freePort(): Promise<number> {
  const server = createServer().listen(0);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((closed) => server.close(closed));
  return port;
}

describe('the port of a process for those who watch it', () => {
  it('answers by path, also when an answer fails, and ends while a connection is open', async () => {
    const failed: string[] = [];
    const port = await freePort();
    const status = new StatusPort({
      port,
      setting: 'SOME_PORT',
      replyTo: (path) =>
        path === '/bad'
          ? Promise.reject(new Error('no'))
          : Promise.resolve({ status: 200, body: `"${path}"` }),
      onError: (path) => failed.push(path),
    });
    await status.start();
    const good = await fetch(`http://127.0.0.1:${port}/livez?x=1`);
    expect([good.status, await good.json()]).toEqual([200, '/livez']);
    expect(good.headers.get('content-type')).toBe('application/json');
    expect((await fetch(`http://127.0.0.1:${port}/bad`)).status).toBe(500);
    expect(failed).toEqual(['/bad']);
    await status.stop();
    await expect(fetch(`http://127.0.0.1:${port}/livez`)).rejects.toThrow();
  });

  it('names the setting of a port that is taken, and can be stopped all the same', async () => {
    const other = createServer().listen(0);
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const status = new StatusPort({
      port,
      setting: 'SOME_PORT',
      replyTo: () => Promise.reject(new Error('nobody asks')),
      onError: () => undefined,
    });
    await expect(status.start()).rejects.toThrow(
      new PortTaken(`SOME_PORT: something else has port ${port}; choose another, or 0 for none`),
    );
    await status.stop();
    await new Promise((closed) => other.close(closed));
  });
});
