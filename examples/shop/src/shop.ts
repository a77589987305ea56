import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Fleet } from './fleet.js'

/** The shop, open. */
export interface Shop {
  /** Address of the gateway. */
  readonly gateway: string
}

/** What the shop needs to be opened. */
export interface ShopOptions {
  readonly env: NodeJS.ProcessEnv
  /** Address of clew, which receives the traces. */
  readonly clew: string
  /** Folder of the log files, one for each process. */
  readonly logs: string
}

/** Starts the services: first those that others call. `ORDERS_PORT` and the like fix a port; else any free one is taken. */
export async function openShop(fleet: Fleet, { env, clew, logs }: ShopOptions): Promise<Shop> {
  const start = (name: string, peers: NodeJS.ProcessEnv = {}): Promise<string> =>
    fleet.start({
      name,
      main: fileURLToPath(new URL(`services/${name}.js`, import.meta.url)),
      env: {
        ...env,
        ...peers,
        PORT: env[`${name.toUpperCase().replaceAll('-', '_')}_PORT`] ?? '0',
        LOG_FILE: join(logs, `${name}.log`),
        OTEL_EXPORTER_OTLP_ENDPOINT: clew,
        // Every request of the demo is to be found, however fast they come; by default a process begins 100 traces a second.
        OTEL_TRACES_SAMPLER: 'parentbased_always_on',
        OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=demo',
      },
    })

  const backRoom = await start('back-room')
  const back = { DATABASE_URL: backRoom, CACHE_URL: backRoom, QUEUE_URL: backRoom, BANK_URL: backRoom }
  const [auth, inventory, payments] = await Promise.all([start('auth', back), start('inventory', back), start('payments', back)])
  const [stock] = await Promise.all([start('legacy', { INVENTORY_URL: inventory }), start('notifier', back)])
  const orders = await start('orders', { ...back, STOCK_URL: stock, PAYMENTS_URL: payments })
  return { gateway: await start('gateway', { AUTH_URL: auth, ORDERS_URL: orders, INVENTORY_URL: inventory }) }
}
