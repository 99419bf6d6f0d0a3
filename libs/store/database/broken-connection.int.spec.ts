/** What the driver says when the connection to the real server breaks while a large command is being written. */

import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { connect as connectTo, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { TransientFault } from '@holdfast/core';
import { testStack } from '../../../test/support/stack.js';
import { faultOf } from './faults.js';
import { connect, type Database } from '../index.js';

/** More than two sockets take in while nobody reads: the driver waits until the rest is written. */
const LARGE = Buffer.alloc(12_000_000);
const FEW_BYTES = 100_000;

let proxy: Server;
let database: Database;
/** what happens to a connection that is in the midst of a large command */
let onLarge: (client: Socket) => void;

/** of this process, the driver's among them */
const sockets: Socket[] = [];
const remember = (message: unknown): void => void sockets.push((message as { socket: Socket }).socket);

beforeAll(async () => {
  subscribe('net.client.socket', remember);
  const server = new URL(testStack().mongoUri);
  proxy = createServer((client) => {
    const behind = connectTo(Number(server.port), server.hostname);
    let taken = 0;
    client.on('data', (chunk: Buffer) => {
      taken += chunk.length;
      if (taken < FEW_BYTES) return void behind.write(chunk);
      client.pause();
      onLarge(client);
    });
    behind.on('data', (chunk) => client.write(chunk));
    for (const socket of [client, behind]) socket.on('error', () => undefined);
    client.on('close', () => behind.destroy());
  }).listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  const { port } = proxy.address() as AddressInfo;
  const uri = `mongodb://127.0.0.1:${port}/?directConnection=true&maxPoolSize=1`;
  database = await connect({ uri, database: 'broken-connection' });
});

afterAll(async () => {
  unsubscribe('net.client.socket', remember);
  await database?.close();
  proxy?.close();
});

describe('a connection that breaks in the midst of a large command', () => {
  it.each<[string, typeof onLarge]>([
    ['reset', (client) => client.resetAndDestroy()],
    ['ended, with the rest never read', (client) => void endSlowly(client)],
  ])('is an outage, to be waited for: %s', async (_how, breaks) => {
    onLarge = breaks;
    const large = { value: LARGE };
    const inserted = database.db.collection('large').insertOne(large);
    const error = await inserted.catch((thrown: unknown) => thrown);
    expect(faultOf(error)).toBeInstanceOf(TransientFault);
  });
});

/** The driver hears that nothing will come any more while its command is not yet written. */
async function endSlowly(client: Socket): Promise<void> {
  const ofDriver = sockets.find(({ localPort }) => localPort === client.remotePort) as Socket;
  const heard = once(ofDriver, 'end');
  client.end();
  await heard;
  client.destroy();
}
