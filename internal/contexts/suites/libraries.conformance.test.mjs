import { findPostgres, findRedis, startPostgres, startRedis } from '@clew/testkit'
import { afterAll, beforeAll } from 'vitest'
import { runCalls } from '../src/calls.mjs'
import { DATABASE_ROWS } from '../src/database-rows.mjs'
import { describeRows } from '../src/describe-rows.mjs'
import { LIBRARY_ROWS } from '../src/library-rows.mjs'
import { NODE_ROWS } from '../src/node-rows.mjs'
import { runSockets, SOCKET_ROWS } from '../src/socket-rows.mjs'

const servers = { redis: undefined, postgres: undefined }

beforeAll(async () => {
  if (findRedis() !== undefined) servers.redis = await startRedis()
  if (findPostgres() !== undefined) servers.postgres = await startPostgres()
})

afterAll(async () => {
  await servers.redis?.[Symbol.asyncDispose]()
  await servers.postgres?.[Symbol.asyncDispose]()
})

const run = (row, keep) => runCalls(row, { redis: servers.redis?.url, postgres: servers.postgres?.url }, keep)

describeRows('Node', 'node', { known: NODE_ROWS, run })
describeRows('WebSockets', 'ws', { known: SOCKET_ROWS, run: runSockets })
describeRows('Databases and queues', 'databases', { known: DATABASE_ROWS, run })
describeRows('Other libraries', 'libraries', { known: LIBRARY_ROWS, run })
