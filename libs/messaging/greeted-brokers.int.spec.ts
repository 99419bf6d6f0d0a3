import { createServer, connect, type AddressInfo, type Server, type Socket } from 'node:net';
import { testStack } from '../../test/support/stack.js';
import { createKafka } from './kafka-port.js';
import { silent } from './testing/lane-fixture.js';

/** Takes every connection, and hands it on to the broker once it answers. */
function hangingBroker(): { server: Server; answers: () => void; stop: () => void } {
  const [host, port] = (testStack().brokers[0] as string).split(':') as [string, string];
  const sockets = new Set<Socket>();
  let isHanging = true;
  const handOn = (socket: Socket): void => {
    const broker = connect(Number(port), host);
    sockets.add(broker);
    for (const one of [socket, broker]) one.on('error', () => undefined);
    socket.pipe(broker).pipe(socket);
  };
  const server = createServer((socket) => {
    sockets.add(socket);
    if (!isHanging) handOn(socket);
  });
  return {
    server,
    answers: () => {
      isHanging = false;
      for (const socket of [...sockets]) handOn(socket);
    },
    stop: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

it('a broker that takes connections and does not answer is waited for, and not taken for connected', async () => {
  const { server, answers, stop } = hangingBroker();
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  const kafka = createKafka({
    brokers: [`127.0.0.1:${port}`],
    clientId: 'hung',
    connectionTimeoutMs: 300,
    requestTimeoutMs: 300,
    log: silent,
  });
  const channel = kafka.channel();
  try {
    const connected = channel.connect();
    // Long enough for several questions without an answer.
    expect(await Promise.race([connected, new Promise((enough) => setTimeout(enough, 1_500, 'waits'))])).toBe(
      'waits',
    );
    answers();
    await connected;
    await channel.refresh();
  } finally {
    await channel.disconnect();
    stop();
  }
});
