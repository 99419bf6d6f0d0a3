/**
 * A broker counts as connected once it has answered.
 *
 * kafkajs takes one for connected as soon as there is a socket. When the first question over it is not answered in time (a
 * broker that hangs: the system takes its connections, and nobody reads them), the next try finds the socket, asks
 * nothing, and whatever is sent then fails with an error that no one can wait out: `Broker not connected`.
 */

import Broker from 'kafkajs/src/broker/index.js';

const greeted = new WeakSet<Broker>();
const { connect, isConnected } = Broker.prototype;

Broker.prototype.isConnected = function () {
  return greeted.has(this) && isConnected.call(this);
};

Broker.prototype.connect = async function () {
  await connect.call(this);
  greeted.add(this);
};
