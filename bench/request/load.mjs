// Keep-alive load from a process of its own.
import { answer } from '../child.mjs'
import { Client } from '../client.mjs'

const CONNECTIONS = 32

/** Connections last for one turn: servers close those that are idle for longer than five seconds. */
async function load(/** @type {{ port: number, amount: number }} */ { port, amount }) {
  const client = new Client('/orders/42')
  await client.open(port, CONNECTIONS)
  const started = performance.now()
  await client.send(amount)
  const seconds = (performance.now() - started) / 1000
  client.close()
  return { seconds }
}

answer({ load })
