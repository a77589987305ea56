// What the names mean that the examples in the doc blocks of this package use and do not make. They are run by scripts/test/examples.test.ts.
import { createServer } from 'node:http'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createTracer, inject, memoryExporter, withSpan } from '../src/index.js'
import type { ExportBatch, RequestDescription } from '../src/index.js'

export { afterEach, expect } from 'vitest'
export { WebSocketServer } from 'ws'

const peer = createServer((_req, res) => void res.setHeader('content-type', 'application/json').end('{}'))
await new Promise<void>((resolve) => peer.listen(0, '127.0.0.1', resolve))
peer.unref()
const origin = `http://127.0.0.1:${(peer.address() as AddressInfo).port}`
export const server: Server = createServer()
export const usersUrl: string = origin
export const collectorUrl: string = origin
export const url: string = origin
export const got = (address: string, options: { headers: Record<string, string> }): Promise<Response> => fetch(address, options)
export const app: { listen(port: number): Server } = { listen: (port) => createServer().listen(port).unref() }

export const user: { readonly id: string } = { id: 'u7' }
export const items: number[] = [20, 22]
export const cart: { readonly items: readonly number[]; readonly country: string } = { items, country: 'CH' }
export const token: string = 'ours'
export const price = (list: readonly number[]): Promise<number> => Promise.resolve(list.reduce((sum, item) => sum + item, 0))
export const send = (data: object): Promise<void> => Promise.resolve(void data)
export const job: { readonly data: Record<string, string> } = {
  data: { traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01' },
}
export const queue: { add(name: string, data: object): Promise<void> } = { add: (_name, data) => send(inject(data)) }
export const worker: { process(handle: (work: typeof job) => Promise<void>): void } = { process: (handle) => void handle(job) }
export const pool: { acquire(callback: (error: unknown, connection: object) => void): void } = {
  acquire: (callback) => void setImmediate(callback, undefined, {}),
}
export const headers: Headers = new Headers({ 'x-request-id': '7' })
export const request: RequestDescription = { method: 'GET', path: '/orders/7', scheme: 'http', header: () => undefined }

const exporter = memoryExporter()
const tracer = createTracer({ service: 'orders', exporter, default: false })
withSpan('none', () => {})
tracer.withSpan('job', () => {})
await tracer.flush()
export const batch: ExportBatch = {
  resource: exporter.spans[0]?.resource ?? { attributes: {} },
  spans: exporter.spans,
  logs: [],
  metrics: [],
}
