// One server in a process of its own that is asked to answer requests in turns: node server.mjs <framework> <variant>.
import { setTimeout as sleep } from 'node:timers/promises'
import { answer } from '../child.mjs'
import { createFeature, FEATURES } from '../features/variants.mjs'
import { LISTEN } from '../request/apps.mjs'
import { VARIANTS } from '../request/variants.mjs'
import { Load } from './connections.mjs'

/** What still runs after the load has gone: the ends of the last responses. */
const SETTLE_MS = 100

const [framework = '', name = ''] = process.argv.slice(2)
const variant = await (name in FEATURES ? createFeature(name, framework) : VARIANTS[name]?.create(framework))
if (variant === undefined) throw new Error(`No variant ${name}`)
let requests = 0
const server = await LISTEN[framework]?.(variant, () => void requests++)
if (server === undefined) throw new Error(`No framework ${framework}`)
const load = new Load(server)
let seen = process.cpuUsage()

/** Whatever the process did since the last turn counts: the compiler, the garbage collector, exports in the background. */
async function answerRequests(/** @type {number} */ amount) {
  await load.send(amount)
  const now = process.cpuUsage()
  const micros = now.user - seen.user + now.system - seen.system
  seen = now
  return micros / amount
}

async function finish() {
  await sleep(SETTLE_MS)
  return { ...(await variant?.finish()), requests, rssBytes: process.memoryUsage.rss() }
}

answer({ turn: answerRequests, finish })
