// Clients of databases and queues.
import { Queue, QueueEvents, Worker } from 'bullmq'
import { continueTrace, getTraceHeaders, getTraceId, withSpan } from '@clew/core'
import { drizzle } from 'drizzle-orm/node-postgres'
import { sql } from 'drizzle-orm'
import { Redis } from 'ioredis'
import createKnex from 'knex'
import { Kysely, PostgresDialect, sql as kyselySql } from 'kysely'
import pg from 'pg'
import QueryStream from 'pg-query-stream'
import postgres from 'postgres'
import { createClient, createClientPool } from 'redis'
import { promised } from './calls.mjs'

/** @param {LibraryRow['call']} call @param {LibraryRow['setup']} setup @returns {LibraryRow} */
const onRedis = (setup, call) => ({ needs: 'redis', setup, call })
/** @param {LibraryRow['call']} call @param {LibraryRow['setup']} setup @returns {LibraryRow} */
const onPostgres = (setup, call) => ({ needs: 'postgres', setup, call })

/** @typedef {import('./calls.mjs').LibraryRow} LibraryRow */

/** @type {Record<string, LibraryRow>} */
export const DATABASE_ROWS = {
  'ioredis: commands, callbacks, pipeline, multi, Lua, scanStream': onRedis(openIoredis, callIoredis),
  'ioredis: messages of a subscription': onRedis(openSubscription, callSubscription),
  'redis: commands, multi, eval': onRedis(openRedis, callRedis),
  'redis: a task of createClientPool': onRedis(openRedisPool, callRedisPool),
  'redis: messages of a subscription': onRedis(openRedisSubscription, callRedisSubscription),
  'pg: promises of an exhausted pool': onPostgres(openPool, callPool),
  'pg: callbacks of a pool': onPostgres(openPool, callPoolBack),
  'pg-query-stream: events': onPostgres(openPool, callQueryStream),
  'postgres: await, begin, cursor': onPostgres(openPostgres, callPostgres),
  'postgres: forEach': onPostgres(openPostgres, callForEach),
  'knex: queries, transaction, events': onPostgres(openKnex, callKnex),
  'kysely: queries, transaction': onPostgres(openKysely, callKysely),
  'drizzle: queries, transaction': onPostgres(openDrizzle, callDrizzle),
  'node:sqlite: queries, functions of the application': { setup: openSqlite, call: callSqlite },
  'bullmq: add, waitUntilFinished': { callers: 5, ...onRedis(openQueue, callQueue) },
  'bullmq: the processor': { callers: 5, ...onRedis(openQueue, callProcessor) },
  'bullmq: the processor of a Worker that a request made': { callers: 5, ...onRedis(openStaleQueue, callProcessor) },
}

async function openIoredis({ redis }) {
  const client = new Redis(redis, { lazyConnect: true })
  client.on('error', () => {})
  return { client, close: () => client.quit() }
}

async function callIoredis(note, { client }) {
  await client.set('thread', 'red')
  note('set')
  await promised((done) => client.get('thread', () => (note('callback'), done())))
  await promised((done) =>
    client
      .pipeline()
      .get('thread', () => note('pipelined'))
      .exec(() => (note('exec'), done())),
  )
  await client.multi().incr('n').incr('n').exec()
  note('multi')
  await client.eval('return 1', 0)
  note('eval')
  const stream = client.scanStream()
  stream.on('data', () => note('scan data'))
  await promised((done) => stream.on('end', () => (note('scan end'), done())))
}

async function openSubscription({ redis }) {
  const publisher = new Redis(redis)
  const subscriber = new Redis(redis)
  await subscriber.subscribe('news')
  subscriber.setMaxListeners(0)
  return { publisher, subscriber, close: () => Promise.all([publisher.quit(), subscriber.quit()]) }
}

/** As a service receives messages: the ids come with the message, not with the flow of control. */
async function callSubscription(note, { publisher, subscriber }) {
  const own = getTraceId()
  const sent = JSON.stringify({ own, headers: getTraceHeaders() })
  const told = promised((done) => {
    subscriber.on('message', function listen(_channel, text) {
      if (text !== sent) return
      subscriber.off('message', listen)
      continueTrace(JSON.parse(text).headers, 'message', () => note('message'))
      done()
    })
  })
  await publisher.publish('news', sent)
  await told
}

async function openRedis({ redis }) {
  const client = await createClient({ url: redis }).connect()
  return { client, close: () => client.close() }
}

async function callRedis(note, { client }) {
  await client.set('thread', 'red')
  note('set')
  await client.multi().incr('m').incr('m').exec()
  note('multi')
  await client.eval('return 1')
  note('eval')
  await client.get('thread').then(() => note('then'))
}

async function openRedisPool({ redis }) {
  const pool = createClientPool({ url: redis }, { minimum: 1, maximum: 2 })
  await pool.connect()
  return { pool, close: () => pool.close() }
}

async function callRedisPool(note, { pool, keep }) {
  const task = keep(async (client) => {
    note('task')
    await client.get('thread')
    note('after the command')
  })
  await pool.execute(task)
}

async function openRedisSubscription({ redis }) {
  const publisher = await createClient({ url: redis }).connect()
  const subscriber = await createClient({ url: redis }).connect()
  return { publisher, subscriber, close: () => Promise.all([publisher.close(), subscriber.close()]) }
}

async function callRedisSubscription(note, { publisher, subscriber }) {
  const channel = `news:${getTraceId()}`
  const told = promised((done) => {
    void subscriber
      .subscribe(channel, (text) => {
        continueTrace(JSON.parse(text), 'message', () => note('message'))
        done()
      })
      .then(() => publisher.publish(channel, JSON.stringify(getTraceHeaders())))
  })
  await told
  await subscriber.unsubscribe(channel)
}

async function openPool({ postgres: connectionString }) {
  const pool = new pg.Pool({ connectionString, max: 2 })
  return { pool, close: () => pool.end() }
}

async function callPool(note, { pool }) {
  await pool.query('select 1')
  note('query')
  const client = await pool.connect()
  note('connect')
  await client.query('select pg_sleep(0.001)')
  note('client')
  client.release()
}

async function callPoolBack(note, { pool, keep }) {
  await promised((done) => {
    const callback = keep(() => (note('callback'), done()))
    pool.query('select 1', callback)
  })
}

async function callQueryStream(note, { pool, keep }) {
  const client = await pool.connect()
  const stream = client.query(new QueryStream('select generate_series(1, 3)'))
  const onData = keep(() => note('data'))
  stream.on('data', onData)
  await promised((done) => {
    const onEnd = keep(() => (note('end'), done()))
    stream.on('end', onEnd)
  })
  client.release()
}

async function openPostgres({ postgres: url }) {
  const db = postgres(url, { max: 2 })
  return { db, close: () => db.end() }
}

async function callPostgres(note, { db }) {
  await db`select 1`
  note('query')
  await db.begin(async (tx) => {
    note('begin')
    await tx`select 1`
    note('in transaction')
  })
  for await (const _rows of db`select generate_series(1, 3)`.cursor(1)) note('cursor')
}

async function callForEach(note, { db, keep }) {
  const each = keep(() => note('row'))
  await db`select generate_series(1, 3)`.forEach(each)
}

async function openKnex({ postgres: connection }) {
  const knex = createKnex({ client: 'pg', connection, pool: { min: 0, max: 2 } })
  return { knex, close: () => knex.destroy() }
}

async function callKnex(note, { knex }) {
  await knex.select(1).on('query', () => note('query event'))
  note('query')
  await knex.transaction(async (tx) => {
    note('transaction')
    await tx.select(1)
    note('in transaction')
  })
}

async function openKysely({ postgres: connectionString }) {
  const dialect = new PostgresDialect({ pool: new pg.Pool({ connectionString, max: 2 }) })
  const db = new Kysely({ dialect })
  return { db, close: () => db.destroy() }
}

async function callKysely(note, { db }) {
  await kyselySql`select 1`.execute(db)
  note('query')
  await db.transaction().execute(async (tx) => {
    note('transaction')
    await kyselySql`select 1`.execute(tx)
    note('in transaction')
  })
}

async function openDrizzle({ postgres: connectionString }) {
  const pool = new pg.Pool({ connectionString, max: 2 })
  return { db: drizzle({ client: pool }), close: () => pool.end() }
}

async function callDrizzle(note, { db }) {
  await db.execute(sql`select 1`)
  note('query')
  await db.transaction(async (tx) => {
    note('transaction')
    await tx.execute(sql`select 1`)
    note('in transaction')
  })
}

async function openSqlite() {
  // Node 20 has none.
  const { DatabaseSync } = await import('node:sqlite')
  return { db: new DatabaseSync(':memory:') }
}

async function callSqlite(note, { db }) {
  db.prepare('select 1').get()
  note('query')
  db.function('note_it', () => (note('function'), 1))
  db.prepare('select note_it()').get()
}

async function openQueue({ redis }) {
  const connection = { url: redis, maxRetriesPerRequest: null }
  const queue = new Queue('jobs', { connection })
  const events = new QueueEvents('jobs', { connection })
  const processed = new Map()
  const worker = new Worker('jobs', async (job) => processed.get(job.data.id)?.(job), { connection })
  await Promise.all([queue.waitUntilReady(), events.waitUntilReady(), worker.waitUntilReady()])
  return { queue, events, processed, close: () => Promise.all([worker.close(), queue.close(), events.close()]) }
}

/** As where a service opens its queues with the first request. */
function openStaleQueue(servers) {
  return withSpan('first request', { parent: null }, () => openQueue(servers))
}

async function callQueue(note, { queue, events }) {
  const job = await queue.add('work', { id: 0 })
  note('add')
  await job.waitUntilFinished(events)
  note('waitUntilFinished')
}

async function callProcessor(note, { queue, events, processed }) {
  const id = getTraceId()
  processed.set(id, ({ data }) => continueTrace(data.headers, 'work', () => note('processor')))
  const job = await queue.add('work', { id, headers: getTraceHeaders() })
  await job.waitUntilFinished(events)
}
