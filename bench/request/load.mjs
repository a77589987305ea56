// Keep-alive load from a process of its own.
import autocannon from 'autocannon'
import { answer } from '../child.mjs'

const CONNECTIONS = 32

/** @param {{ url: string, seconds: number }} input */
async function load({ url, seconds }) {
  const { requests, errors, non2xx, latency } = await autocannon({ url, duration: seconds, connections: CONNECTIONS })
  if (errors > 0 || non2xx > 0) throw new Error(`${errors} failed requests and ${non2xx} answers that were not 2xx from ${url}`)
  return { requestsPerSecond: requests.average, p99Ms: latency.p99 }
}

answer({ load })
