/** A pipeline on servers that want TLS and a login, and refuse what was not granted. */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stackEnvironment } from '@holdfast/config';
import { startSecureStack, type SecureStack, type SecureUser } from '@holdfast/local-stack';
import kafkajs, { type AclEntry } from 'kafkajs';
import type { Grants } from '../../apps/ops/commands/topics-grants.js';
import { runOps } from '../../apps/ops/program.js';
import { startPipeline, type Pipeline } from './pipeline.js';
import { WorkerProcess } from './pipeline-worker.js';

const { AclOperationTypes, AclPermissionTypes, AclResourceTypes, ResourcePatternTypes } = kafkajs;

export interface OpsSaid {
  code: number;
  out: string;
  err: string;
}

export class SecuredPipeline {
  #isOpen = true;

  private constructor(
    readonly stack: SecureStack,
    private readonly folder: string,
    readonly shop: Pipeline,
  ) {}

  /** No worker runs yet, and nobody but the administrator may do anything. */
  static async start(): Promise<SecuredPipeline> {
    const folder = await mkdtemp(join(tmpdir(), 'holdfast-secured-'));
    const { cacheHome } = stackEnvironment();
    const stack = await startSecureStack({
      dataDir: folder,
      environment: { ...(cacheHome !== undefined && { cacheHome }) },
    });
    const env = stack.environmentOf('holdfast-worker');
    const shop = await startPipeline({ workers: 0, servers: stack, env });
    return new SecuredPipeline(stack, folder, shop);
  }

  /** As a pipeline ends: with its audit. */
  async finish(): Promise<void> {
    this.#isOpen = false;
    await this.shop.finish();
  }

  async stop(): Promise<void> {
    if (this.#isOpen) await this.shop.close().catch(() => undefined);
    await this.stack.stop();
    await rm(this.folder, { recursive: true, force: true });
  }

  /** What a program that logs in as this user finds in its environment. */
  environmentOf(user: SecureUser): Record<string, string> {
    return { ...this.shop.environment, ...this.stack.environmentOf(user) };
  }

  /** The operators' command line, in this process. */
  async ops(words: string, user: SecureUser = 'holdfast-ops'): Promise<OpsSaid> {
    const said = { out: '', err: '' };
    const code = await runOps(words.split(' '), {
      streams: {
        out: (text) => void (said.out += text),
        err: (text) => void (said.err += text),
        isTerminal: false,
      },
      environment: this.environmentOf(user),
    });
    return { code, ...said };
  }

  /** What `ops topics acl` prints. */
  async grants(): Promise<Grants[]> {
    const { out } = await this.ops('topics acl --json');
    return (JSON.parse(out) as { grants: Grants[] }).grants;
  }

  async grantAtKafka({ user, kafka }: Grants): Promise<void> {
    const acl = kafka.flatMap(({ resourceType, names, operations }) =>
      names.flatMap((resourceName) =>
        operations.map((operation): AclEntry => {
          const name = operation.replace(/(?!^)[A-Z]/g, '_$&').toUpperCase();
          return {
            resourceType: resourceType === 'topic' ? AclResourceTypes.TOPIC : AclResourceTypes.GROUP,
            resourceName,
            resourcePatternType: ResourcePatternTypes.LITERAL,
            principal: `User:${user}`,
            host: '*',
            operation: AclOperationTypes[name as keyof typeof AclOperationTypes],
            permissionType: AclPermissionTypes.ALLOW,
          };
        }),
      ),
    );
    await this.shop.admin.createAcls({ acl });
  }

  async grantAtMongo({ user, mongo }: Grants): Promise<void> {
    if (mongo === undefined) return;
    const admin = this.shop.database.client.db('admin');
    await admin.command({ createRole: mongo.role, privileges: mongo.privileges, roles: [] });
    await admin.command({ grantRolesToUser: user, roles: [{ role: mongo.role, db: 'admin' }] });
  }

  /** A worker that is expected to end by itself. @returns how, and all that it said */
  async workerThatEnds(
    environment: Record<string, string> = {},
  ): Promise<{ code: number | null; log: string }> {
    const settings = {
      ...this.environmentOf('holdfast-worker'),
      HOLDFAST_WORKER_ID: 'refused',
      ...environment,
    };
    const worker = new WorkerProcess('refused', settings, () => undefined);
    const patience = setTimeout(() => void worker.kill(), 45_000);
    const { code } = await worker.exited;
    clearTimeout(patience);
    return { code, log: worker.log.join('\n') };
  }

  secrets(): string[] {
    const { kafkaSecurity, mongoSecurity } = this.stack;
    return [kafkaSecurity.sasl?.password ?? '', mongoSecurity.login?.password ?? ''];
  }
}
