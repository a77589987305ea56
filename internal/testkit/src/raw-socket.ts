import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

/** A connection that sends exactly the bytes it is told to. */
export interface RawSocket extends AsyncDisposable {
  /** Sends text at once. */
  write(text: string): void
  /** Sends parts one by one; each has arrived before the next is sent. */
  drip(parts: readonly (string | Uint8Array)[]): Promise<void>
  /** Waits until `count` answers with a `Content-Length` or in chunks, or without a body, have come; returns them. */
  responses(count: number): Promise<readonly RawResponse[]>
  /** Waits until what was received matches. */
  received(pattern: RegExp): Promise<void>
  /** Resets the connection. */
  abort(): void
}

/** An answer as it came. */
export interface RawResponse {
  readonly status: number
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

const DEADLINE_MS = 5_000

/**
 * Connects to a port of this machine.
 *
 * @example
 * await using socket = await connectRaw(server.port)
 * socket.write('GET /a HTTP/1.1\r\nHost: x\r\n\r\nGET /b HTTP/1.1\r\nHost: x\r\n\r\n')
 * const [a, b] = await socket.responses(2)
 */
export async function connectRaw(port: number): Promise<RawSocket> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true })
  let text = ''
  socket.setEncoding('latin1')
  socket.on('data', (chunk: string) => (text += chunk))
  // A reset is what some tests are after.
  socket.on('error', () => socket.destroy())
  await once(socket, 'connect')
  return {
    write: (data) => void socket.write(data),
    drip: (parts) => drip(socket, parts),
    responses: (count) =>
      waitFor(
        socket,
        () => takeResponses(text, count),
        () => `${count} answers came: ${JSON.stringify(text)}`,
      ),
    received: async (pattern) => {
      await waitFor(
        socket,
        () => (pattern.test(text) ? true : undefined),
        () => `${pattern} came: ${JSON.stringify(text)}`,
      )
    },
    abort: () => void socket.resetAndDestroy(),
    async [Symbol.asyncDispose]() {
      if (socket.closed) return
      socket.destroy()
      await once(socket, 'close')
    },
  }
}

async function drip(socket: Socket, parts: readonly (string | Uint8Array)[]): Promise<void> {
  for (const part of parts) {
    await new Promise<void>((resolve) => socket.write(part, () => resolve()))
    // The server runs in this process: it has read the part after a few turns of the event loop.
    for (let turn = 0; turn < 4; turn++) await new Promise((resolve) => setImmediate(resolve))
  }
}

function waitFor<T>(socket: Socket, read: () => T | undefined, describe: () => string): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => settle(new Error(`Timed out before ${describe()}`)), DEADLINE_MS)
    socket.on('data', check)
    socket.on('close', check)
    check()

    function check(): void {
      const value = read()
      if (value !== undefined) settle(undefined, value)
      else if (socket.closed) settle(new Error(`The connection closed before ${describe()}`))
    }
    function settle(error: Error | undefined, value?: T): void {
      clearTimeout(timer)
      socket.off('data', check)
      socket.off('close', check)
      if (error) reject(error)
      else resolve(value as T)
    }
  })
}

function takeResponses(text: string, count: number): RawResponse[] | undefined {
  const responses: RawResponse[] = []
  let rest = text
  while (responses.length < count) {
    const taken = takeResponse(rest)
    if (taken === undefined) return undefined
    responses.push(taken.response)
    rest = taken.rest
  }
  return responses
}

function takeResponse(text: string): { response: RawResponse; rest: string } | undefined {
  const end = text.indexOf('\r\n\r\n')
  if (end === -1) return undefined
  const [statusLine = '', ...lines] = text.slice(0, end).split('\r\n')
  const headers = Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
  )
  const rest = text.slice(end + 4)
  const body = headers['transfer-encoding'] === 'chunked' ? takeChunks(rest) : takeBytes(rest, Number(headers['content-length'] ?? 0))
  return body && { response: { status: Number(statusLine.split(' ')[1]), headers, body: body.text }, rest: body.rest }
}

function takeBytes(text: string, length: number): { text: string; rest: string } | undefined {
  return text.length < length ? undefined : { text: text.slice(0, length), rest: text.slice(length) }
}

function takeChunks(text: string): { text: string; rest: string } | undefined {
  let body = ''
  let rest = text
  for (;;) {
    const lineEnd = rest.indexOf('\r\n')
    const length = Number.parseInt(rest.slice(0, lineEnd), 16)
    if (lineEnd === -1 || rest.length < lineEnd + length + 4) return undefined
    body += rest.slice(lineEnd + 2, lineEnd + 2 + length)
    rest = rest.slice(lineEnd + length + 4)
    if (length === 0) return { text: body, rest }
  }
}
