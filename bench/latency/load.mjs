// 200 keep-alive connections with a request under way on each, and what each of them waits.
import { answer } from '../child.mjs'
import { Client } from '../client.mjs'
import { WAITING_ID } from '../request/order.mjs'
import { percentile } from '../statistics.mjs'

const CONNECTIONS = 200
/** The time an answer takes, so that the connections do not ask all at once. */
const SPREAD_MS = 100

/** @param {{ port: number, amount: number }} input */
async function warmUp({ port, amount }) {
  const client = new Client('/orders/42')
  await client.open(port, CONNECTIONS)
  await client.send(amount)
  client.close()
}

/** @param {{ port: number, amount: number }} input */
async function measure({ port, amount }) {
  const client = new Client(`/orders/${WAITING_ID}`)
  await client.open(port, CONNECTIONS)
  // The first ones find cold connections.
  const milliseconds = (await client.send(amount + 2 * CONNECTIONS, SPREAD_MS)).slice(2 * CONNECTIONS)
  client.close()
  return { p50: percentile(milliseconds, 0.5), p99: percentile(milliseconds, 0.99) }
}

answer({ warmUp, measure })
