/** Whether a Docker engine answers: asked over its socket, because loading testcontainers to find out takes a second. */

import { request, type RequestOptions } from 'node:http';
import { homedir } from 'node:os';
import { join } from 'node:path';

const answerLimitMs = 1_500;

/** @param dockerHost as in DOCKER_HOST; the usual sockets are tried unless given */
export async function dockerAnswers(dockerHost: string | undefined): Promise<boolean> {
  const places = dockerHost === undefined ? usualSockets() : [dockerHost];
  const answers = await Promise.all(places.map((place) => ping(place)));
  return answers.includes(true);
}

function usualSockets(): string[] {
  return [
    'unix:///var/run/docker.sock',
    `unix://${join(homedir(), '.docker/run/docker.sock')}`,
    `unix://${join(homedir(), '.docker/desktop/docker.sock')}`,
  ];
}

function ping(place: string): Promise<boolean> {
  const target = requestTarget(place);
  // An address that cannot be asked so simply (ssh, TLS) was set on purpose: testcontainers finds out.
  if (target === undefined) return Promise.resolve(true);
  return new Promise((resolve) => {
    const asked = request({ ...target, path: '/_ping', timeout: answerLimitMs }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    asked.once('error', () => resolve(false));
    asked.once('timeout', () => asked.destroy());
    asked.end();
  });
}

function requestTarget(place: string): RequestOptions | undefined {
  if (place.startsWith('unix://')) return { socketPath: place.slice('unix://'.length) };
  if (!place.startsWith('tcp://')) return undefined;
  const { hostname, port } = new URL(place.replace('tcp://', 'http://'));
  return port === '2376' ? undefined : { hostname, port: port || 2375 };
}
