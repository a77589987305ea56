import { once } from 'node:events'
import { connect } from 'node:net'
import { findPostgres, findRedis, startPostgres, startRedis } from '@clew/testkit'
import { expect, test } from 'vitest'

const noRedis = findRedis() === undefined
const noPostgres = findPostgres() === undefined

test.skipIf(noRedis)(`a private Redis answers and is gone afterwards${noRedis ? ' (skipped: no redis-server)' : ''}`, async () => {
  const redis = await startRedis(['--maxmemory', '32mb'])
  expect(await askRedis(redis.port, 'CONFIG GET maxmemory')).toContain('33554432')
  await redis[Symbol.asyncDispose]()
  expect(isRunning(redis.pid)).toBe(false)
})

test.skipIf(noRedis)('two private Redis keep apart', async () => {
  await using one = await startRedis()
  await using two = await startRedis()
  expect(one.port).not.toBe(two.port)
})

test.skipIf(noPostgres)(`a private PostgreSQL listens and is gone afterwards${noPostgres ? ' (skipped: no postgres)' : ''}`, async () => {
  const postgres = await startPostgres()
  const socket = connect(postgres.port, '127.0.0.1')
  await once(socket, 'connect')
  socket.destroy()
  await postgres[Symbol.asyncDispose]()
  expect(isRunning(postgres.pid)).toBe(false)
})

async function askRedis(port: number, command: string): Promise<string> {
  const socket = connect(port, '127.0.0.1').setEncoding('utf8')
  socket.write(`${command}\r\n`)
  const [answer] = (await once(socket, 'data')) as [string]
  socket.destroy()
  return answer
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
