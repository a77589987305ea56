import { withSpan } from '@clew/core'

const CACHE = new URL(process.env.CACHE_URL ?? 'http://localhost:3010')

/** The value that the cache holds under `key`; loads it and puts it there where there is none. */
export async function cached<T>(key: string, load: () => Promise<T>): Promise<T> {
  const found = await send('GET', key)
  if (found !== undefined) return JSON.parse(found) as T
  const value = await load()
  await send('SET', key, JSON.stringify(value))
  return value
}

function send(operation: 'GET' | 'SET', key: string, value?: string): Promise<string | undefined> {
  const [namespace = ''] = key.split(':')
  const attributes = {
    'db.system.name': 'shop_cache',
    'db.namespace': namespace,
    'db.operation.name': operation,
    'db.query.text': `${operation} ${key}`,
    'server.address': CACHE.hostname,
    'server.port': Number(CACHE.port),
  }
  return withSpan(`${operation} ${namespace}`, { kind: 'client', attributes }, async () => {
    const init = value === undefined ? {} : { method: 'PUT', body: value }
    const response = await fetch(new URL(`/cache/${encodeURIComponent(key)}`, CACHE), init)
    return response.status === 200 ? response.text() : undefined
  })
}
