// Keep-alive load from a process of its own.
import autocannon from 'autocannon'
import { answer } from '../child.mjs'

const CONNECTIONS = 32

/** @param {{ url: string } & ({ seconds: number } | { amount: number })} input */
async function load({ url, ...extent }) {
  const bound = 'amount' in extent ? { amount: extent.amount } : { duration: extent.seconds }
  const { requests, errors, non2xx, latency } = await autocannon({ url, connections: CONNECTIONS, ...bound })
  if (errors > 0 || non2xx > 0) throw new Error(`${errors} failed requests and ${non2xx} answers that were not 2xx from ${url}`)
  return { requestsPerSecond: requests.average, p99Ms: latency.p99 }
}

answer({ load })
