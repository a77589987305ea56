import { expect, test } from 'vitest'
import { parseLogRecord } from '../src/log-record.js'
import { mayHoldTime, parseLineTime, parseTimeValue } from '../src/log-time.js'

const T = Date.UTC(2025, 10, 21, 7, 39, 12)

test('tells seconds, milliseconds, microseconds and nanoseconds apart', () => {
  expect([T / 1e3, T, T * 1e3, T * 1e6, String(T), `${T / 1e3}.250`].map(parseTimeValue)).toEqual([T, T, T, T, T, T + 250])
})

test('reads ISO times with any fraction and zone', () => {
  expect(
    [
      '2025-11-21T07:39:12Z',
      '2025-11-21T07:39:12.1Z',
      '2025-11-21T07:39:12.123456Z',
      '2025-11-21 08:39:12,500+01:00',
      '2025-11-21 08:39:12 +0100',
    ].map(parseTimeValue),
  ).toEqual([T, T + 100, T + 123.456, T + 500, T])
})

test('takes a time without a zone for local time', () => {
  expect(parseTimeValue('2025-11-21 07:39:12')).toBe(new Date(2025, 10, 21, 7, 39, 12).getTime())
})

test('finds the time at the beginning of a plain line only', () => {
  expect(parseLineTime('[2025-11-21T07:39:12.000Z] hello')).toBe(T)
  expect(parseLineTime('level=info time=2025-11-21T07:39:12Z msg=hello')).toBe(T)
  expect(parseLineTime('10.0.0.1 - - [21/Nov/2025:08:39:12 +0100] "GET / HTTP/1.1" 200')).toBe(T)
  expect(parseLineTime(`${'x'.repeat(200)} 2025-11-21T07:39:12Z`)).toBeUndefined()
})

test('takes nothing else for a time', () => {
  expect([undefined, null, true, {}, 12, -1, Number.NaN, '', 'soon', '2025-99-99T00:00:00Z', '12'].map(parseTimeValue)).toEqual(
    Array(11).fill(undefined),
  )
})

const timed = [
  '{"time":1763710752100,"msg":"x"}',
  '{"ts":"1763710752.1"}',
  '{"@timestamp" : "2025-11-21T07:39:12Z"}',
  '{"t":1.7637107521e12}',
  'orders | {"eventTime":1763710752100000000}',
  '2025-11-21 07:39:12,100 INFO plain',
  '::1 - - [21/Nov/2025:07:39:12 +0000] "GET /"',
]
test.each(timed)('sees that %s may hold a time', (line) => {
  expect([parseLogRecord(line).time === undefined, mayHoldTime(line)]).toEqual([false, true])
})

test.each(['{"msg":"no time","date":"yesterday"}', '{"time":"07:39:12"}', 'plain 12345678901', '{"id":1763710752100}', ''])(
  'sees without parsing it that %j holds none',
  (line) => {
    expect([parseLogRecord(line).time, mayHoldTime(line)]).toEqual([undefined, false])
  },
)
