/**
 * What a competent team builds first with Nest, Kafka and MongoDB, for comparison: Nest's own Kafka transport,
 * a handler marked with `@EventPattern`, one mongoose transaction for each message, and the outcome on Kafka. It
 * is told by its parent process where its servers are and says when it listens.
 */

import 'reflect-metadata';
import { Controller, Inject, Module, type DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { EventPattern, Payload, Transport, type MicroserviceOptions } from '@nestjs/microservices';
import { Kafka, logLevel, type Producer } from 'kafkajs';
import mongoose, { Schema, type ClientSession, type Connection, type Model } from 'mongoose';
import type { OrderPlaced } from '@holdfast/contracts';

export interface IdiomaticSettings {
  brokers: string[];
  mongoUri: string;
  database: string;
  prefix: string;
  concurrency: number;
}

interface StockRow {
  _id: string;
  free: number;
  held: number;
}

interface OrderRow {
  _id: string;
  storeId: string;
  orderId: string;
  customerId: string | null;
  state: 'held' | 'refused';
  expiresAt: Date;
  lines: { productId: string; quantity: number }[];
}

interface Tools {
  connection: Connection;
  orders: Model<OrderRow>;
  stock: Model<StockRow>;
  producer: Producer;
  outcomeTopic: string;
}

const HOLD_MS = 30 * 60_000;
const DURABLE = { w: 'majority', j: true } as const;

class NotEnoughStock extends Error {}

async function connectTools(settings: IdiomaticSettings): Promise<Tools> {
  const connection = await mongoose
    .createConnection(settings.mongoUri, {
      dbName: settings.database,
      writeConcern: DURABLE,
      autoIndex: false,
    })
    .asPromise();
  const orderSchema = new Schema<OrderRow>(
    {
      _id: String,
      storeId: String,
      orderId: String,
      customerId: String,
      state: String,
      expiresAt: Date,
      lines: [{ _id: false, productId: String, quantity: Number }],
    },
    { collection: 'orders', versionKey: false },
  );
  orderSchema.index({ state: 1, expiresAt: 1 });
  const stockSchema = new Schema<StockRow>(
    { _id: String, free: Number, held: Number },
    { collection: 'stock', versionKey: false },
  );
  const orders = connection.model<OrderRow>('Order', orderSchema);
  await orders.createIndexes();
  const stock = connection.model<StockRow>('Stock', stockSchema);
  const kafka = new Kafka({ clientId: 'idiomatic', brokers: settings.brokers, logLevel: logLevel.ERROR });
  const producer = kafka.producer();
  await producer.connect();
  return { connection, orders, stock, producer, outcomeTopic: settings.prefix + 'StockOutcome' };
}

/** Everything or nothing: the first product that is short undoes the rest. */
async function takeStock(tools: Tools, order: OrderPlaced, session: ClientSession): Promise<void> {
  const wanted = new Map<string, number>();
  for (const { productId, quantity } of order.lines) {
    wanted.set(productId, (wanted.get(productId) ?? 0) + quantity);
  }
  for (const [productId, quantity] of wanted) {
    const { matchedCount } = await tools.stock.updateOne(
      { _id: `${order.storeId}/${productId}/-/-`, free: { $gte: quantity } },
      { $inc: { free: -quantity, held: quantity } },
      { session },
    );
    if (matchedCount === 0) throw new NotEnoughStock(productId);
  }
}

function rowOf(order: OrderPlaced, state: OrderRow['state']): OrderRow {
  return {
    _id: `${order.storeId}/${order.orderId}`,
    storeId: order.storeId,
    orderId: order.orderId,
    customerId: order.customerId ?? null,
    state,
    expiresAt: new Date(Date.parse(order.occurredAt) + HOLD_MS),
    lines: order.lines.map(({ productId, quantity }) => ({ productId, quantity })),
  };
}

async function hold(tools: Tools, order: OrderPlaced): Promise<OrderRow['state']> {
  try {
    await tools.connection.withSession((session) =>
      session.withTransaction(
        async () => {
          await tools.orders.create([rowOf(order, 'held')], { session });
          await takeStock(tools, order, session);
        },
        { writeConcern: DURABLE, readConcern: { level: 'snapshot' } },
      ),
    );
    return 'held';
  } catch (error) {
    // It was here before: the order's key is what makes redelivery harmless.
    if ((error as { code?: unknown }).code === 11_000) return 'held';
    if (!(error instanceof NotEnoughStock)) throw error;
    await tools.orders.create([rowOf(order, 'refused')]);
    return 'refused';
  }
}

/** The topic is known only at run time, so the decorators are applied to a class made then. */
function controllerFor(topic: string) {
  @Controller()
  class OrdersController {
    constructor(@Inject('TOOLS') private readonly tools: Tools) {}

    @EventPattern(topic)
    async placed(@Payload() message: object): Promise<void> {
      const order = message as OrderPlaced;
      const state = await hold(this.tools, order);
      const outcome = { outcome: state, storeId: order.storeId, orderId: order.orderId, lines: order.lines };
      await this.tools.producer.send({
        topic: this.tools.outcomeTopic,
        messages: [{ key: order.storeId, value: JSON.stringify(outcome) }],
      });
    }
  }
  return OrdersController;
}

@Module({})
class IdiomaticModule {
  static with(tools: Tools, topic: string): DynamicModule {
    return {
      module: IdiomaticModule,
      controllers: [controllerFor(topic)],
      providers: [{ provide: 'TOOLS', useValue: tools }],
    };
  }
}

async function main(settings: IdiomaticSettings): Promise<void> {
  const tools = await connectTools(settings);
  const module = IdiomaticModule.with(tools, settings.prefix + 'OrderPlaced');
  const service = await NestFactory.createMicroservice<MicroserviceOptions>(module, {
    transport: Transport.KAFKA,
    options: {
      client: { clientId: 'idiomatic', brokers: settings.brokers, logLevel: logLevel.ERROR },
      consumer: { groupId: `${settings.prefix}idiomatic` },
      subscribe: { fromBeginning: true },
      run: { partitionsConsumedConcurrently: settings.concurrency },
    },
    logger: ['error', 'warn'],
  });
  await service.listen();
  process.once('SIGTERM', () => {
    void service
      .close()
      .then(() => tools.producer.disconnect())
      .then(() => tools.connection.close())
      .finally(() => process.exit(0));
  });
  process.send?.({ ready: true });
}

await main(JSON.parse(process.argv[2] ?? '{}') as IdiomaticSettings);
