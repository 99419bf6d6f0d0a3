/**
 * Whether this user may join a group, asked of the broker by the FindCoordinator request (version 1). kafkajs asks the
 * same, and of a refusal says only that there is no coordinator, as of one that is away.
 */

import { RefusedFault } from '@holdfast/core';
import { ByteWriter } from '../protocol/byte-writer.js';
import type { ClusterChannel } from '../kafkajs/cluster-channel.js';

const API_KEY = 10;
const API_VERSION = 1;
const OF_GROUP = 0;
const GROUP_AUTHORIZATION_FAILED = 30;

/** @throws RefusedFault; KafkaJS errors, of which retriable ones have been retried */
export async function checkGroupAccess(channel: ClusterChannel, groupId: string): Promise<void> {
  const writer = new ByteWriter(256);
  writer.string(groupId);
  writer.int8(OF_GROUP);
  const request = {
    apiKey: API_KEY,
    apiVersion: API_VERSION,
    apiName: 'FindCoordinator',
    body: writer.bytes,
  };
  await channel.retrying('coordinator of the group', () =>
    channel.send('controller', {
      ...request,
      decode: (response) => {
        // After the throttle time. Anything else is kafkajs's to find out, and to wait for.
        if (response.readInt16BE(4) !== GROUP_AUTHORIZATION_FAILED) return;
        throw new RefusedFault(
          `Kafka does not let this user join the group ${groupId}: \`npm run ops -- topics acl\` prints what each ` +
            'process has to be granted',
        );
      },
    }),
  );
}
