// One server in a process of its own: node server.mjs <framework> <variant>.
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { answer } from '../child.mjs'
import { LISTEN } from './apps.mjs'
import { VARIANTS } from './variants.mjs'

/** @typedef {{ cpuMicros: number, requests: number, wallMs: number }} Sample */

const SAMPLE_MS = 250
/** What still runs after the load has gone: aborted requests and their spans. */
const SETTLE_MS = 300

const [framework = '', name = ''] = process.argv.slice(2)
const variant = await VARIANTS[name]?.create(framework)
if (variant === undefined) throw new Error(`No variant ${name}`)
let requests = 0
const server = await LISTEN[framework]?.(variant, () => void requests++)
if (server === undefined) throw new Error(`No framework ${framework}`)
if (!server.listening) await once(server, 'listening')

/** @type {Sample[]} */
let samples = []
/** @type {NodeJS.Timeout | undefined} */
let timer

function startSampling() {
  samples = []
  let last = readCounters()
  timer = setInterval(() => {
    const now = readCounters()
    samples.push({ cpuMicros: now.cpuMicros - last.cpuMicros, requests: now.requests - last.requests, wallMs: now.wallMs - last.wallMs })
    last = now
  }, SAMPLE_MS)
}

/** @returns {Sample} */
function readCounters() {
  const { user, system } = process.cpuUsage()
  return { cpuMicros: user + system, requests, wallMs: performance.now() }
}

/** The first and the last sample hold the beginning and the end of the load. */
function stopSampling() {
  clearInterval(timer)
  return samples.slice(1, -1)
}

async function finish() {
  await sleep(SETTLE_MS)
  const counts = await variant?.finish()
  return { ...counts, requests, rssBytes: process.memoryUsage.rss() }
}

answer({ port: () => /** @type {import('node:net').AddressInfo} */ (server.address()).port, startSampling, stopSampling, finish })
