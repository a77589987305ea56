import { inject, withSpan } from '@clew/core'

const QUEUE = new URL(process.env.QUEUE_URL ?? 'http://localhost:3010')

/** What waits in a queue: the work, and the ids of the trace it belongs to. */
export interface Job<T> {
  readonly body: T
  readonly headers: Readonly<Record<string, string>>
}

/** What spans say about a queue. */
export function describeQueue(name: string, operation: 'send' | 'process'): Record<string, string | number> {
  return {
    'messaging.system': 'shop_queue',
    'messaging.destination.name': name,
    'messaging.operation.name': operation,
    'messaging.operation.type': operation,
    'server.address': QUEUE.hostname,
    'server.port': Number(QUEUE.port),
  }
}

/** Puts a job into a queue; whoever takes it out can continue the trace. */
export async function enqueue(name: string, body: unknown): Promise<void> {
  await withSpan(`send ${name}`, { kind: 'producer', attributes: describeQueue(name, 'send') }, async () => {
    const job = { body, headers: inject<Record<string, string>>({}) }
    const response = await fetch(new URL(`/queues/${name}`, QUEUE), { method: 'POST', body: JSON.stringify(job) })
    if (!response.ok) throw new Error(`The queue answered ${response.status}`)
  })
}

/** Waits for the next job. Undefined where none came for a while. */
export async function takeJob<T>(name: string): Promise<Job<T> | undefined> {
  const response = await fetch(new URL(`/queues/${name}`, QUEUE))
  return response.status === 200 ? ((await response.json()) as Job<T>) : undefined
}
