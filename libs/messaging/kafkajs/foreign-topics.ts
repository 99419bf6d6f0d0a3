/**
 * What is wrong with a topic is the trouble of who asked for it.
 *
 * kafkajs takes an answer about all topics for an error when any partition of any of them has no leader, such as one
 * of somebody else's that was on a broker alone which is away: no worker could start then, and no topics be made.
 * Only who names topics has to wait for them. And where no broker gave an answer, kafkajs goes on with none. Relies
 * on the pinned version's files, and on version 6 of the answer, which it takes from every broker since Kafka 2.0.
 */

import kafkajs from 'kafkajs';
import Broker from 'kafkajs/src/broker/index.js';
import Cluster from 'kafkajs/src/cluster/index.js';
import response from 'kafkajs/src/protocol/requests/metadata/v6/response.js';

const { parse } = response;
const ofBroker = Broker.prototype.metadata;
const ofCluster = Cluster.prototype.metadata;
/** Its types leave out the message that its constructor needs. */
const BrokerNotFound = kafkajs.KafkaJSBrokerNotFound as unknown as new (message: string) => Error;

response.parse = (answer) => Promise.resolve(answer);

Broker.prototype.metadata = async function (topics = []) {
  const answer = await ofBroker.call(this, topics);
  return topics.length === 0 ? answer : parse(answer);
};

Cluster.prototype.metadata = async function (of = {}) {
  const answer = await ofCluster.call(this, of);
  if (answer !== null) return answer;
  const whose = of.topics?.length ? `the partitions of ${of.topics.join(', ')}` : 'topics';
  throw new BrokerNotFound(`no broker knows the leaders of ${whose} at the moment`);
};
