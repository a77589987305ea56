// Pools, queues, limits, caches, http clients and streams of other people.
import async from 'async'
import { Mutex } from 'async-mutex'
import { Sema } from 'async-sema'
import axios from 'axios'
import Bluebird from 'bluebird'
import Bottleneck from 'bottleneck'
import DataLoader from 'dataloader'
import { EventEmitter as EventEmitter3 } from 'eventemitter3'
import fastq from 'fastq'
import genericPool from 'generic-pool'
import got from 'got'
import { LRUCache } from 'lru-cache'
import cron from 'node-cron'
import fetch from 'node-fetch'
import CircuitBreaker from 'opossum'
import pLimit from 'p-limit'
import pMap from 'p-map'
import PQueue from 'p-queue'
import pThrottle from 'p-throttle'
import { Piscina } from 'piscina'
import { delay as rxDelay, firstValueFrom, of, Subject, timer } from 'rxjs'
import { Pool } from 'tarn'
import workerpool from 'workerpool'
import { setTimeout as delay } from 'node:timers/promises'
import { getTraceId, withSpan } from '@clew/core'
import { startServer } from '@clew/testkit'
import { promised } from './calls.mjs'

/** @typedef {import('./calls.mjs').LibraryRow} LibraryRow */

/** @type {Record<string, LibraryRow>} */
export const LIBRARY_ROWS = {
  'generic-pool, tarn': { setup: createPools, call: callPools },
  'p-limit, p-map': { setup: () => ({ limit: pLimit(2) }), call: callLimits },
  'p-throttle': { setup: () => ({ throttle: pThrottle({ limit: 10, interval: 5 }) }), call: callThrottle },
  'async-mutex, async-sema': { setup: () => ({ mutex: new Mutex(), sema: new Sema(2) }), call: callLocks },
  'dataloader of each request': { call: callLoader },
  'lru-cache: awaiting fetch': { setup: createCache, call: (note, { cache }) => cache.fetch('key').then(() => note('fetched')) },
  'opossum: fire, fallback': { setup: createBreaker, call: callBreaker },
  'piscina: run': { callers: 5, setup: createPiscina, call: (note, { pool }) => pool.run(1, { name: 'echo' }).then(() => note('run')) },
  'workerpool: awaiting exec': { callers: 5, setup: createWorkers, call: callWorkers },
  'axios: requests, interceptors': { setup: startAxios, call: callAxios },
  'node-fetch: head, body': { setup: serve, call: callNodeFetch },
  'got: promise, hooks': { setup: serve, call: callGot },
  "rxjs: timers and pipes of one's own": { call: callRx },
  'bluebird: delay, await': { call: callBluebird },
  'p-queue: tasks': { setup: () => ({ queue: new PQueue({ concurrency: 2 }) }), call: (note, kit) => kit.queue.add(keepTask(note, kit)) },
  'bottleneck: jobs': {
    setup: () => ({ limiter: new Bottleneck({ maxConcurrent: 2 }) }),
    call: (note, kit) => kit.limiter.schedule(keepTask(note, kit)),
  },
  'fastq: tasks': {
    setup: () => ({ queue: fastq.promise((task) => task(), 2) }),
    call: (note, kit) => kit.queue.push(keepTask(note, kit)),
  },
  'async.queue: tasks': {
    setup: () => ({ queue: async.queue(async (task) => task(), 2) }),
    call: (note, kit) => kit.queue.push(keepTask(note, kit)),
  },
  'bluebird: then of its promises': { setup: () => ({ shared: Bluebird.delay(5) }), call: callBluebirdThen },
  'a dataloader shared by requests: the batch function': { setup: createSharedLoader, call: callSharedLoader },
  'lru-cache: fetchMethod, for the first who asks': { setup: createCallingCache, call: callFetchMethod },
  'a Subject of rxjs shared by requests': { setup: createSubject, call: callSubject },
  'eventemitter3 shared by requests': { setup: () => gather(new EventEmitter3(), 'emit'), call: callEmitter3 },
  'node-cron: a task scheduled by a request': { callers: 1, call: callCron },
}

function keepTask(note, { keep }) {
  return keep(async () => {
    note('task')
    await delay(1)
    note('after an await')
  })
}

function createPools() {
  const factory = { create: async () => (await delay(1), {}), destroy: async () => {} }
  const generic = genericPool.createPool(factory, { max: 2 })
  const tarn = new Pool({ create: factory.create, destroy: () => {}, min: 0, max: 2 })
  return { generic, tarn, close: async () => Promise.all([generic.drain().then(() => generic.clear()), tarn.destroy()]) }
}

async function callPools(note, { generic, tarn }) {
  const one = await generic.acquire()
  note('generic-pool')
  await delay(1)
  await generic.release(one)
  const other = await tarn.acquire().promise
  note('tarn')
  tarn.release(other)
}

async function callLimits(note, { limit }) {
  await limit(async () => {
    note('limited')
    await delay(1)
    note('after an await')
  })
  await pMap([1, 2, 3], async () => (await delay(0), note('mapped')), { concurrency: 2 })
}

async function callThrottle(note, { throttle }) {
  const throttled = throttle(async () => note('throttled'))
  await throttled()
}

async function callLocks(note, { mutex, sema }) {
  await mutex.runExclusive(async () => (await delay(0), note('exclusive')))
  await sema.acquire()
  note('acquired')
  sema.release()
}

async function callLoader(note) {
  const loader = new DataLoader(async (keys) => (note('batch'), keys))
  await Promise.all([loader.load(1), loader.load(2)])
}

function createCache() {
  return { cache: new LRUCache({ max: 10, fetchMethod: async () => (await delay(2), 1) }) }
}

function createBreaker() {
  const breaker = new CircuitBreaker(async (fn) => fn(), { timeout: false })
  breaker.fallback((fn) => fn.fallback?.())
  return { breaker, close: () => breaker.shutdown() }
}

async function callBreaker(note, { breaker }) {
  await breaker.fire(async () => (await delay(1), note('action')))
  const failing = Object.assign(() => Promise.reject(new Error('on purpose')), { fallback: () => note('fallback') })
  await breaker.fire(failing)
}

function createPiscina() {
  const filename = new URL('worker-task.mjs', import.meta.url).href
  const pool = new Piscina({ filename, maxThreads: 1 })
  return { pool, close: () => pool.destroy() }
}

function createWorkers() {
  const pool = workerpool.pool({ maxWorkers: 1 })
  return { pool, close: () => pool.terminate() }
}

async function callWorkers(note, { pool }) {
  await pool.exec((value) => value + 1, [1])
  note('exec')
}

async function serve() {
  const server = await startServer((_req, res) => setTimeout(() => res.end('"thread"'), 1))
  return { url: server.url, close: () => server[Symbol.asyncDispose]() }
}

/** An instance's interceptors serve all requests: each finds its own notes in the configuration. */
async function startAxios() {
  const server = await serve()
  const client = axios.create()
  client.interceptors.request.use(async (config) => (await delay(0), config.note('request'), config))
  client.interceptors.response.use((response) => (response.config.note('response'), response))
  return { ...server, client }
}

async function callAxios(note, { client, url }) {
  await client.get(url, { note, transformResponse: (data) => (note('transform'), data) })
}

async function callNodeFetch(note, { url }) {
  const response = await fetch(url)
  note('head')
  await response.text()
  note('body')
}

async function callGot(note, { url }) {
  const hooks = { beforeRequest: [() => note('beforeRequest')], afterResponse: [(response) => (note('afterResponse'), response)] }
  await got(url, { hooks }).text()
  note('text')
}

async function callRx(note) {
  await firstValueFrom(timer(1))
  note('timer')
  await promised((done) =>
    of(1)
      .pipe(rxDelay(1))
      .subscribe({ next: () => note('next'), complete: () => (note('complete'), done()) }),
  )
}

async function callBluebird(note) {
  await Bluebird.delay(1)
  note('delay')
}

async function callBluebirdThen(note, { keep }) {
  await promised((done) => {
    const callback = keep(() => (note('then'), done()))
    void new Bluebird((resolve) => setTimeout(() => resolve(), 1)).then(callback)
  })
}

function createSharedLoader() {
  return { loader: new DataLoader(async (keys) => (await delay(1), keys.map((key) => key.load())), { cache: false }) }
}

async function callSharedLoader(note, { loader, keep }) {
  const load = keep(() => note('batch'))
  await loader.load({ load })
}

function createCallingCache() {
  return { cache: new LRUCache({ max: 100, fetchMethod: async (_key, _old, { context }) => (await delay(1), context(), 1) }) }
}

/** All ask for one key, so one of them loads it for all. */
async function callFetchMethod(note, { cache, keep }) {
  const context = keep(() => note('fetchMethod'))
  await cache.fetch('shared', { context })
  note('fetched')
}

/** Emits once all have come. */
function gather(emitter, method) {
  let count = 0
  return { emitter, arrive: () => ++count % 20 === 0 && setTimeout(() => emitter[method]('go'), 1) }
}

async function callEmitter3(note, { emitter, arrive, keep }) {
  await promised((done) => {
    const listener = keep(() => (note('event'), done()))
    emitter.once('go', listener)
    arrive()
  })
}

function createSubject() {
  return gather(new Subject(), 'next')
}

async function callSubject(note, { emitter, arrive, keep }) {
  await promised((done) => {
    const next = keep(() => (note('next'), done()))
    const subscription = emitter.subscribe(() => (subscription.unsubscribe(), next()))
    arrive()
  })
}

/** A task that outlives its request is nobody's: it begins a trace of its own. */
async function callCron(note) {
  const own = getTraceId()
  const inside = await promised((done) => {
    const task = cron.schedule('* * * * * *', () => {
      void task.stop()
      done(withSpan('tick', { parent: null }, () => getTraceId()))
    })
  })
  if (inside === undefined || inside === own) throw new Error('The tick has no trace of its own')
  note('scheduled')
}
