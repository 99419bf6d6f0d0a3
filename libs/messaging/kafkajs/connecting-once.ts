/**
 * One socket for a connection, however many requests ask for it at once.
 *
 * kafkajs has two connections to each broker, one for fetches, and opens them when the first request is to be sent.
 * Requests that come while the socket is being opened each open another one: the last socket is used, the others are
 * never closed. They keep the process from ending for as long as the broker puts up with them, and when the broker
 * then closes one, kafkajs takes that for the end of the connection that works. Here they all wait for the first one.
 */

import Connection from 'kafkajs/src/network/connection.js';

const opening = new WeakMap<Connection, Promise<unknown>>();
const { connect, disconnect } = Connection.prototype;

Connection.prototype.connect = function () {
  const known = opening.get(this);
  if (known) return known;
  const one = connect.call(this).finally(() => {
    if (opening.get(this) === one) opening.delete(this);
  });
  opening.set(this, one);
  return one;
};

Connection.prototype.disconnect = function () {
  // What is given up while it is being opened may never settle.
  opening.delete(this);
  return disconnect.call(this);
};
