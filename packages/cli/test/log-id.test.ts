import { expect, test } from 'vitest'
import { deriveTraceId, parseLogTarget, toDatadogId } from '../src/log-id.js'

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'

test('reads every spelling of a trace id', () => {
  const spellings = [TRACE, TRACE.toUpperCase(), '4bf92f35-77b3-4da6-a3ce-929d0e0e4736', ` ${TRACE} `, `00-${TRACE}-00f067aa0ba902b7-01`]
  for (const spelling of spellings) expect(parseLogTarget(spelling)).toEqual({ traceId: TRACE })
  expect(parseLogTarget('A3CE929D0E0E4736')).toEqual({ traceId: '0000000000000000a3ce929d0e0e4736' })
})

test('derives the trace id of an external id', () => {
  // printf abc-123 | sha256sum
  expect(deriveTraceId('abc-123')).toBe('5942d94f524882e0f29bf0a1e5a6dcc9')
  expect(parseLogTarget('abc-123')).toEqual({ traceId: '5942d94f524882e0f29bf0a1e5a6dcc9', externalId: 'abc-123' })
})

test('knows the decimal id that Datadog logs', () => {
  expect(toDatadogId(TRACE)).toBe('11803532876627986230')
})
