import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { grepLogs } from '../src/grep.js'
import { captureTerminal, createFolder } from './helpers.js'

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
const UUID = '4bf92f35-77b3-4da6-a3ce-929d0e0e4736'
const OTHER = 'ffffffff77b34da6a3ce929d0e0e4736'
const T0 = Date.UTC(2025, 10, 21, 7, 39, 12, 100)

async function grep(id: string, files: Record<string, string | Buffer>, options: { json?: boolean } = {}) {
  await using folder = await createFolder(files)
  const captured = captureTerminal()
  const code = await grepLogs({ id, paths: [folder.path], ...options }, captured.terminal)
  return { code, stdout: captured.stdout(), stderr: captured.stderr().replaceAll(folder.path, 'LOGS') }
}

function pinoLine(offset: number, fields: object): string {
  return `${JSON.stringify({ level: 30, time: T0 + offset, ...fields })}\n`
}

test('merges the files of several services by the time of their lines', async () => {
  const { code, stdout, stderr } = await grep(TRACE, {
    'gateway.log':
      pinoLine(0, { service: 'gateway', trace_id: TRACE, span_id: 'b7ad6b7169203331', msg: 'POST /checkout' }) +
      pinoLine(40, { service: 'gateway', trace_id: OTHER, msg: 'somebody else' }) +
      pinoLine(523.4, { service: 'gateway', trace_id: TRACE, span_id: 'b7ad6b7169203331', msg: 'POST /checkout 502' }),
    'payments.log': pinoLine(431, {
      level: 50,
      service: 'payments',
      trace_id: TRACE,
      span_id: '00f067aa0ba902b7',
      msg: 'charge failed',
      err: { type: 'CardError', message: 'card declined', stack: 'CardError: card declined\n    at charge' },
    }),
    'legacy/auth.txt': `2025-11-21 07:39:12.112Z INFO [auth] X-Trace-ID=${UUID} token accepted\n`,
  })
  expect(stdout).toBe(
    [
      '    +0.0 ms  gateway           info   b7ad6b71  POST /checkout',
      `   +12.0 ms  auth              info             INFO [auth] X-Trace-ID=${UUID} token accepted`,
      '  +431.0 ms  payments          error  00f067aa  charge failed: card declined',
      '  +523.4 ms  gateway           info   b7ad6b71  POST /checkout 502',
      '',
    ].join('\n'),
  )
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
})

const spellings: [string, string][] = [
  ['trace_id', `{"trace_id":"${TRACE}"}`],
  ['traceId in upper case', `{"traceId":"${TRACE.toUpperCase()}"}`],
  ['traceID as a UUID', `{"traceID":"${UUID}"}`],
  ['a nested trace.id', `{"trace":{"id":"${TRACE}"}}`],
  ['a flat trace.id', `{"trace.id":"${TRACE}"}`],
  ['dd.trace_id, decimal', `{"dd.trace_id":"${BigInt(`0x${TRACE.slice(16)}`)}"}`],
  ['a nested dd.trace_id, a number', `{"dd":{"trace_id":${BigInt(`0x${TRACE.slice(16)}`)}}}`],
  ['dd.trace_id in plain text', `[dd.service=a dd.trace_id=${BigInt(`0x${TRACE.slice(16)}`)} dd.span_id=1] hello`],
  ['a request context', `{"req":{"headers":{"x-trace-id":"${TRACE}"}}}`],
  ['traceparent', `{"req":{"headers":{"traceparent":"00-${TRACE}-00f067aa0ba902b7-01"}}}`],
  ['Google Cloud', `{"logging.googleapis.com/trace":"projects/shop/traces/${TRACE}"}`],
  ['X-Ray', `Root=1-${TRACE.slice(0, 8)}-${TRACE.slice(8)};Sampled=1`],
  ['logfmt', `time=2025-11-21T07:39:12Z level=warn trace_id=${TRACE} msg=slow`],
  ['a message', `{"msg":"answered ${TRACE}."}`],
  ['an escaped line break before it', `{"msg":"ids:\\n${TRACE}"}`],
  ['a container name before the object', `orders-1  | {"trace_id":"${TRACE}"}`],
]
for (const [name, line] of spellings) {
  test(`finds ${name}`, async () => {
    const given = await grep(TRACE, { 'a.log': `${line}\n` }, { json: true })
    expect(given).toEqual({ code: 0, stdout: `${line}\n`, stderr: '' })
    const asUuid = await grep(UUID.toUpperCase(), { 'a.log': line }, { json: true })
    expect(asUuid.stdout).toBe(`${line}\n`)
  })
}

const strangers: [string, string][] = [
  ['a longer hex string', `{"hash":"${TRACE}00"}`],
  ['a word around it', `x${TRACE}y`],
  ['the decimal id under another key', `{"amount":"${BigInt(`0x${TRACE.slice(16)}`)}"}`],
  ['another trace', `{"trace_id":"${OTHER}"}`],
]
for (const [name, line] of strangers) {
  test(`does not take ${name} for the trace`, async () => {
    const stderr = `clew: no line with ${TRACE} in 1 file\n`
    expect(await grep(TRACE, { 'a.log': `${line}\n` })).toEqual({ code: 1, stdout: '', stderr })
  })
}

test('says what was searched where no line matches', async () => {
  const files = { 'a.log': 'somebody else\n', 'b.log.gz': gzipSync('nobody\n'), 'core.log': Buffer.from([1, 0, 2]), 'main.ts': '' }
  expect((await grep('abc\u001b-123', files)).stderr).toBe('clew: no line with abc\\x1b-123 in 2 files\n')
  expect((await grep(TRACE, { 'main.ts': TRACE }, { json: true })).stderr).toBe(`clew: no line with ${TRACE} in 0 files\n`)
  await using folder = await createFolder({ 'a.log': 'somebody else\n' })
  for (const [paths, place] of [
    [['-'], 'stdin'],
    [['-', folder.path], 'stdin and 1 file'],
  ] as const) {
    const captured = captureTerminal({ stdin: 'somebody else\n' })
    expect(await grepLogs({ id: TRACE, paths }, captured.terminal)).toBe(1)
    expect(captured.stderr()).toBe(`clew: no line with ${TRACE} in ${place}\n`)
  }
})

test('keeps the columns where they are, whichever service speaks', async () => {
  const names = ['a', 'orders', 'inventory-reader', 'recommendation-engine', 'b']
  const { stdout } = await grep(TRACE, {
    'a.log': names.map((service, index) => pinoLine(index, { trace_id: TRACE, service, msg: 'MSG' })).join(''),
  })
  const columns = stdout
    .trimEnd()
    .split('\n')
    .map((line) => line.indexOf('info'))
  expect(columns).toEqual([31, 31, 31, 36, 31])
})

test('finds by an external id what carries the id derived from it, and the other way round', async () => {
  const derived = createHash('sha256').update('abc-123').digest('hex').slice(0, 32)
  const files = {
    'gateway.log': pinoLine(0, { service: 'gateway', trace_id: derived, external_id: 'abc-123', msg: 'in' }),
    'a-legacy.log': '2025-11-21T07:39:12.105Z INFO request abc-123: forwarded\n2025-11-21T07:39:12.106Z INFO abc-1234 is another\n',
    'orders.log':
      pinoLine(9, { service: 'orders', trace_id: derived, msg: 'created' }) +
      pinoLine(11, { service: 'orders', trace_id: OTHER, orderId: 'abc-123', msg: 'an order with such a number' }),
  }
  const byExternal = await grep('abc-123', files)
  expect(byExternal.stdout).toBe(
    [
      '    +0.0 ms  gateway           info             in',
      '    +5.0 ms  a-legacy          info             INFO request abc-123: forwarded',
      '    +9.0 ms  orders            info             created',
      '',
    ].join('\n'),
  )
  expect(await grep(derived, files)).toEqual(byExternal)
})

const escapings: [string, string, string][] = [
  ['an escaped slash', 'ticket/7x', '{"trace_id":"ticket\\/7x"}'],
  ['an escaped plus', 'a+b', '{"trace_id":"a\\u002Bb"}'],
  ['an escaped quotation mark', 'a"b', '{"trace_id":"a\\"b"}'],
  ['an escaped letter beyond ASCII', 'größe-7', '{"trace_id":"gr\\u00f6\\u00dfe-7"}'],
  ['an escaped pair of surrogates', 'a🧶', '{"trace_id":"a\\ud83e\\udDF6"}'],
  ['letters beyond ASCII', 'größe-7', '{"trace_id":"größe-7"}'],
]
for (const [name, id, line] of escapings) {
  test(`finds an external id with ${name}`, async () => {
    expect(await grep(id, { 'a.log': `${line}\n` }, { json: true })).toEqual({ code: 0, stdout: `${line}\n`, stderr: '' })
  })
}

test('finds an external id in an object within an array', async () => {
  const line = '{"ids":[{"trace_id":"abc-1234"}]}\n'
  expect(await grep('abc-1234', { 'a.log': line }, { json: true })).toEqual({ code: 0, stdout: line, stderr: '' })
})

test('ends with 2 where the rest of a line was too long to search', async () => {
  const { code, stdout, stderr } = await grep(TRACE, { 'a.log': `${'x'.repeat(5 * 1024 ** 2)} ${TRACE}\n` })
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr).toBe('clew: LOGS/a.log has lines of more than 4 MiB; what lies beyond was not searched\n')
})

test('unpacks gzip from a pipe that hands it over byte by byte', async () => {
  const packed = gzipSync(pinoLine(0, { trace_id: TRACE, msg: 'piped' }))
  const captured = captureTerminal()
  const stdin = Readable.from([...packed].map((byte) => Buffer.from([byte])))
  expect(await grepLogs({ id: TRACE, paths: ['-'] }, { ...captured.terminal, stdin })).toBe(0)
  expect(captured.stdout()).toMatch(/info +piped\n$/)
})

test('takes a pipe for binary by its first 8 KiB, however small its pieces', async () => {
  const captured = captureTerminal()
  const stdin = Readable.from([Buffer.from('a'), Buffer.from([0]), Buffer.from(`\n${TRACE}\n`)])
  expect(await grepLogs({ id: TRACE, paths: ['-'] }, { ...captured.terminal, stdin })).toBe(1)
  expect(captured.stderr()).toBe(`clew: stdin is not text; it was left out\nclew: no line with ${TRACE} in 0 files\n`)
})

test('does not follow an external id that the trace id is not derived from', async () => {
  const { stdout } = await grep(
    TRACE,
    {
      'a.log': pinoLine(0, { trace_id: TRACE, external_id: 'constant-id' }) + pinoLine(1, { trace_id: OTHER, external_id: 'constant-id' }),
    },
    { json: true },
  )
  expect(stdout).toBe(pinoLine(0, { trace_id: TRACE, external_id: 'constant-id' }))
})

test('prints a stack trace below the line it belongs to', async () => {
  const { stdout } = await grep(TRACE, {
    'a.log': [
      '2025-11-21T07:39:12.100Z INFO before',
      `2025-11-21T07:39:12.200Z ERROR [trace_id=${TRACE}] boom`,
      'java.lang.IllegalStateException: boom'.replace(/^/, '  '),
      '\tat com.shop.Orders.create(Orders.java:17)',
      'Caused by: java.io.IOException: disk full',
      '\t... 12 more',
      '2025-11-21T07:39:12.300Z INFO after',
      '',
    ].join('\n'),
  })
  expect(stdout).toBe(
    [
      `    +0.0 ms  a                 error            ERROR [trace_id=${TRACE}] boom`,
      '                                                  java.lang.IllegalStateException: boom',
      '                                                 at com.shop.Orders.create(Orders.java:17)',
      '                                                Caused by: java.io.IOException: disk full',
      '                                                 ... 12 more',
      '',
    ].join('\n'),
  )
})

const heads: [string, string, string][] = [
  ['a padded level', `ERROR [main] failed trace_id=${TRACE}`, ' INFO [main] somebody else'],
  ['a padded level after the record', ` WARN [main] slow trace_id=${TRACE}`, 'ERROR [main] somebody else'],
  ['a coloured level', `ERROR failed trace_id=${TRACE}`, ' \u001b[32mINFO\u001b[39m somebody else'],
  ['an indented time', `2025-11-21T07:39:12.100Z trace_id=${TRACE}`, '  2025-11-21T07:39:12.200Z somebody else'],
  ['a time of day', `07:39:12.100 trace_id=${TRACE}`, '  [07:39:12.200] somebody else'],
  ['the time of syslog', `Nov 21 07:39:12 trace_id=${TRACE}`, ' Nov 21 07:39:12 somebody else'],
]
for (const [name, line, other] of heads) {
  test(`begins a record where an indented line has ${name} at its head`, async () => {
    const trail = '    at charge (charge.ts:41:11)\n'
    const { stdout } = await grep(TRACE, { 'a.log': `${other}\n${line}\n${trail}${other}\n${trail}${line}\n${other}\n` }, { json: true })
    expect(stdout).toBe(`${line}\n${trail}${line}\n`)
  })
}

test('finds a record by an id on one of its indented lines', async () => {
  const pretty = `[2025-11-21 07:39:12.100 +0000] INFO (17): created\n    trace_id: "${TRACE}"\n    order: 42\n`
  const object = `{\n  "time": ${T0 + 5},\n  "trace_id": "${TRACE}",\n  "msg": "charged"\n}\n`
  const { stdout } = await grep(
    TRACE,
    { 'pretty.log': `${pretty}[2025-11-21 07:39:13.100 +0000] INFO (17): other\n`, 'z.json': object },
    { json: true },
  )
  expect(stdout).toBe(pretty + object)
})

test('gives a line without a time that of the line before it, of the trace or not', async () => {
  const { stdout } = await grep(
    TRACE,
    {
      'a.log': pinoLine(0, { trace_id: TRACE, msg: 'a1' }) + pinoLine(30, { trace_id: TRACE, msg: 'a2' }),
      'b.log': pinoLine(20, { trace_id: OTHER }) + `{"trace_id":"${TRACE}","msg":"b1"}\n`,
    },
    {},
  )
  expect(stdout).toBe(
    [
      '    +0.0 ms  a                 info             a1',
      '   +20.0 ms  b                                  b1',
      '   +30.0 ms  a                 info             a2',
      '',
    ].join('\n'),
  )
})

test('merges a file that is out of order as it stands, and says so', async () => {
  const { code, stdout, stderr } = await grep(
    TRACE,
    {
      'a.log':
        pinoLine(50, { trace_id: TRACE, msg: 'a1' }) +
        pinoLine(10, { trace_id: TRACE, msg: 'a2' }) +
        pinoLine(5, { trace_id: TRACE, msg: 'a3' }),
      'b.log': pinoLine(20, { trace_id: TRACE, msg: 'b1' }) + pinoLine(60, { trace_id: TRACE, msg: 'b2' }),
    },
    { json: true },
  )
  expect(stdout.match(/"msg":"\w+"/g)).toEqual(['"msg":"b1"', '"msg":"a1"', '"msg":"a2"', '"msg":"a3"', '"msg":"b2"'])
  expect({ code, stderr }).toEqual({ code: 0, stderr: 'clew: LOGS/a.log is not in order of time; its lines are merged as they stand\n' })
})

test('reads gzip by its contents, rotated names, and leaves other files of a folder alone', async () => {
  const line = (msg: string): string => pinoLine(msg.length, { trace_id: TRACE, msg })
  const { stdout, stderr } = await grep(
    TRACE,
    {
      'app.log': line('a'),
      'app.log.1': line('ab'),
      'app.log.2.gz': gzipSync(line('abc')),
      'old/app.log-20251120.gz': Buffer.concat([gzipSync(line('abcd')), gzipSync(line('abcde'))]),
      'packed.log': gzipSync(line('abcdef')),
      'core.log': Buffer.concat([Buffer.from([1, 0, 2]), Buffer.from(TRACE)]),
      'archive.tar.gz': gzipSync(Buffer.concat([Buffer.alloc(512), Buffer.from(TRACE)])),
      'main.ts': TRACE,
      'node_modules/x/a.log': TRACE,
      '.git/a.log': TRACE,
    },
    { json: true },
  )
  expect(stdout).toBe(['a', 'ab', 'abc', 'abcd', 'abcde', 'abcdef'].map(line).join(''))
  expect(stderr).toBe('')
})

test('reads a pipe where no file is named', async () => {
  const captured = captureTerminal({ stdin: gzipSync(pinoLine(0, { trace_id: TRACE, msg: 'piped' })) })
  expect(await grepLogs({ id: TRACE, paths: [] }, captured.terminal)).toBe(0)
  expect(captured.stdout()).toBe('    +0.0 ms  stdin             info             piped\n')
})

test('asks for files where nothing is piped in', async () => {
  await expect(grepLogs({ id: TRACE, paths: [] }, captureTerminal().terminal)).rejects.toThrow(
    'name log files or folders, or pipe a log in',
  )
})

test('refuses an empty id', async () => {
  await expect(grepLogs({ id: ' ', paths: ['.'] }, captureTerminal().terminal)).rejects.toThrow('the id is empty')
})

test('prints what it can read and ends with 2 where a file cannot be', async () => {
  const packed = gzipSync(pinoLine(1, { trace_id: TRACE, msg: 'first' }).repeat(5000))
  await using folder = await createFolder({
    'a.log': pinoLine(0, { trace_id: TRACE, msg: 'there' }),
    'cut.gz': packed.subarray(0, packed.length - 20),
  })
  const captured = captureTerminal()
  const paths = ['a.log', 'cut.gz', 'nowhere.log'].map((name) => join(folder.path, name))
  expect(await grepLogs({ id: TRACE, paths }, captured.terminal)).toBe(2)
  expect(captured.stderr().replaceAll(folder.path, 'LOGS')).toBe(
    'clew: cannot read LOGS/nowhere.log: no such file or folder\nclew: cannot read LOGS/cut.gz: gzip data end too early\n',
  )
  expect(captured.stdout()).toContain('there')
})

test('says that a file named by the person is not text', async () => {
  await using folder = await createFolder({ 'core.log': Buffer.from([1, 0, 2]) })
  const captured = captureTerminal()
  expect(await grepLogs({ id: TRACE, paths: [join(folder.path, 'core.log')] }, captured.terminal)).toBe(1)
  expect(captured.stderr()).toBe(`clew: ${folder.path}/core.log is not text; it was left out\nclew: no line with ${TRACE} in 0 files\n`)
})

test('lists a file once, however often it is named', async () => {
  await using folder = await createFolder({ 'a.log': pinoLine(0, { trace_id: TRACE }) })
  const captured = captureTerminal()
  await grepLogs({ id: TRACE, paths: [folder.path, join(folder.path, 'a.log')], json: true }, captured.terminal)
  expect(captured.stdout()).toBe(pinoLine(0, { trace_id: TRACE }))
})

test('shows control characters of a log instead of obeying them', async () => {
  const { stdout } = await grep(TRACE, {
    'a.log': pinoLine(0, { trace_id: TRACE, service: 'a\u001b[2J', msg: 'x\u001b]0;title\u0007\u202ey' }),
  })
  expect(stdout).toBe('    +0.0 ms  a\\x1b[2J          info             x\\x1b]0;title\\x07\\u202ey\n')
})

test('passes lines through byte for byte with --json', async () => {
  const line = Buffer.concat([Buffer.from(`caf\u00e9 trace_id=${TRACE} `, 'latin1'), Buffer.from([0xff, 0xfe, 0x9b]), Buffer.from(' \r\n')])
  await using folder = await createFolder({ 'a.log': line })
  const captured = captureTerminal()
  const bytes: Buffer[] = []
  captured.terminal.stdout.on('data', (chunk: Buffer) => bytes.push(chunk))
  await grepLogs({ id: TRACE, paths: [folder.path], json: true }, captured.terminal)
  expect(Buffer.concat(bytes)).toEqual(line)
})

test('names its columns on a terminal, once and above the first line', async () => {
  const files = { 'a.log': pinoLine(0, { trace_id: TRACE, span_id: 'b7ad6b7169203331', service: 'a', msg: 'in' }).repeat(2) }
  await using folder = await createFolder(files)
  const captured = captureTerminal({ isTty: true, env: { NO_COLOR: '1' } })
  await grepLogs({ id: TRACE, paths: [folder.path] }, captured.terminal)
  expect(captured.stdout()).toBe(
    [
      '     OFFSET  SERVICE           LEVEL  SPAN      MESSAGE',
      '    +0.0 ms  a                 info   b7ad6b71  in',
      '    +0.0 ms  a                 info   b7ad6b71  in',
      '',
    ].join('\n'),
  )
  const json = captureTerminal({ isTty: true })
  await grepLogs({ id: TRACE, paths: [folder.path], json: true }, json.terminal)
  expect(json.stdout()).toBe(files['a.log'])
  const nothing = captureTerminal({ isTty: true })
  await grepLogs({ id: OTHER, paths: [folder.path] }, nothing.terminal)
  expect(nothing.stdout()).toBe('')
})

test('marks the id on a terminal', async () => {
  await using folder = await createFolder({ 'a.log': `{"msg":"for ${UUID}","level":"error","service":"s"}\n` })
  const captured = captureTerminal({ isTty: true })
  await grepLogs({ id: TRACE, paths: [folder.path] }, captured.terminal)
  expect(captured.stdout()).toContain(`for \u001b[1m\u001b[33m${UUID}\u001b[39m\u001b[22m`)
  expect(captured.stdout()).toContain('\u001b[31merror\u001b[39m')
})
