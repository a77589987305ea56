// What a shop has behind its services: a database, a cache, a queue, and a bank. All in one small process, so that the demo needs nothing
// installed; like the real ones they are reached over the network and know nothing of traces.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { json, text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { announce } from './announce.js'
import { createDatabase } from './tables.js'

interface Answer {
  readonly status: number
  readonly body?: string
}

const database = createDatabase()
const cache = new Map<string, string>()
const jobs: string[] = []
const takers: ((job: string) => void)[] = []

/** Jobs become visible after this long, as with the delay of other queues: the response is out by then. */
const JOB_DELAY_MS = 100
/** How long a worker waits for a job before it has to ask again. */
const TAKE_TIMEOUT_MS = 10_000

const server = createServer((req, res) => {
  answer(req, res).then(
    ({ status, body }) => res.writeHead(status, { 'content-type': 'application/json' }).end(body),
    (error: unknown) => res.writeHead(500).end(error instanceof Error ? error.message : String(error)),
  )
})

async function answer(req: IncomingMessage, res: ServerResponse): Promise<Answer> {
  const [, room, name = ''] = (req.url ?? '').split('/')
  if (room === 'sql') return { status: 200, body: JSON.stringify(await database.run(await text(req))) }
  if (room === 'cache') return req.method === 'PUT' ? keep(name, await text(req)) : recall(name)
  if (room === 'queues') return req.method === 'POST' ? putJob(await text(req)) : takeJob(res)
  if (room === 'bank') return chargeCard((await json(req)) as { card: string })
  return { status: 404 }
}

function keep(key: string, value: string): Answer {
  cache.set(key, value)
  return { status: 204 }
}

function recall(key: string): Answer {
  const body = cache.get(key)
  return body === undefined ? { status: 404 } : { status: 200, body }
}

function putJob(job: string): Answer {
  setTimeout(() => {
    const taker = takers.shift()
    if (taker) taker(job)
    else jobs.push(job)
  }, JOB_DELAY_MS)
  return { status: 202 }
}

function takeJob(res: ServerResponse): Promise<Answer> | Answer {
  const job = jobs.shift()
  if (job !== undefined) return { status: 200, body: job }
  return new Promise((resolve) => {
    const taker = (body: string): void => resolve({ status: 200, body })
    const leave = (): void => {
      const index = takers.indexOf(taker)
      if (index >= 0) takers.splice(index, 1)
      resolve({ status: 204 })
    }
    takers.push(taker)
    setTimeout(leave, TAKE_TIMEOUT_MS).unref()
    res.once('close', leave)
  })
}

/** Some cards come from a bank that cannot be reached. */
async function chargeCard({ card }: { card: string }): Promise<Answer> {
  const isReachable = card !== 'card-of-a-silent-issuer'
  await sleep(isReachable ? 20 : 150)
  return { status: 200, body: JSON.stringify(isReachable ? { approved: true } : { approved: false, reason: 'its issuer does not answer' }) }
}

announce(server.listen(Number(process.env.PORT ?? '3010'), '127.0.0.1'))
