import { createServer, connect, type AddressInfo, type Server, type Socket } from 'node:net';
import { testStack } from '../../../test/support/stack.js';
import { createKafka } from './kafka-port.js';
import { silent } from '../testing/lane-fixture.js';

interface HangingBroker {
  server: Server;
  /** resolves when so many questions have come */
  asked: Promise<void>;
  answers: () => void;
  stop: () => void;
}

/** Takes every connection, and hands it on to the broker once it answers. */
function hangingBroker(questions: number): HangingBroker {
  const [host, port] = (testStack().brokers[0] as string).split(':') as [string, string];
  const sockets = new Map<Socket, Buffer[]>();
  const brokers = new Set<Socket>();
  let isHanging = true;
  let onAsked = (): void => undefined;
  const asked = new Promise<void>((resolve) => (onAsked = resolve));
  const handOn = (socket: Socket, unanswered: Buffer[]): void => {
    const broker = connect(Number(port), host);
    brokers.add(broker);
    for (const one of [socket, broker]) one.on('error', () => undefined);
    for (const question of unanswered) broker.write(question);
    socket.removeAllListeners('data').pipe(broker).pipe(socket);
  };
  const server = createServer((socket) => {
    const unanswered: Buffer[] = [];
    sockets.set(socket, unanswered);
    if (!isHanging) return handOn(socket, unanswered);
    socket.on('data', (question) => {
      unanswered.push(question);
      if ([...sockets.values()].flat().length === questions) onAsked();
    });
  });
  return {
    server,
    asked,
    answers: () => {
      isHanging = false;
      for (const [socket, unanswered] of sockets) handOn(socket, unanswered);
    },
    stop: () => {
      for (const socket of [...sockets.keys(), ...brokers]) socket.destroy();
      server.close();
    },
  };
}

it('a broker that takes connections and does not answer is waited for, and not taken for connected', async () => {
  const { server, asked, answers, stop } = hangingBroker(3);
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
    const first = Promise.race([connected.then(() => 'connected'), asked.then(() => 'asked again')]);
    expect(await first).toBe('asked again');
    answers();
    await connected;
    await channel.refresh();
  } finally {
    await channel.disconnect();
    stop();
  }
});
