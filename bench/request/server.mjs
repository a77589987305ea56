// One server in a process of its own: node server.mjs <framework> <variant>.
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { answer } from '../child.mjs'
import { LISTEN } from './apps.mjs'
import { VARIANTS } from './variants.mjs'

/** What still runs after the load has gone: aborted requests and their spans. */
const SETTLE_MS = 300

const [framework = '', name = ''] = process.argv.slice(2)
const variant = await VARIANTS[name]?.create(framework)
if (variant === undefined) throw new Error(`No variant ${name}`)
let requests = 0
const server = await LISTEN[framework]?.(variant, () => void requests++)
if (server === undefined) throw new Error(`No framework ${framework}`)
if (!server.listening) await once(server, 'listening')

let seen = process.cpuUsage()

/** CPU microseconds since the last call, whatever ran: the compiler, the garbage collector, exports in the background. */
function spent() {
  const now = process.cpuUsage()
  const micros = now.user - seen.user + now.system - seen.system
  seen = now
  return micros
}

async function finish() {
  await sleep(SETTLE_MS)
  const counts = await variant?.finish()
  return { ...counts, requests, rssBytes: process.memoryUsage.rss() }
}

answer({ port: () => /** @type {import('node:net').AddressInfo} */ (server.address()).port, spent, finish })
