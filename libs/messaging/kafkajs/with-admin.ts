import type { Admin, KafkaPort } from './kafka-port.js';

/** An admin client that is connected for as long as the work takes. @throws KafkaJS errors, and what the work throws */
export async function withAdmin<T>(
  kafka: Pick<KafkaPort, 'admin'>,
  work: (admin: Admin) => Promise<T>,
): Promise<T> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await admin.disconnect();
  }
}
