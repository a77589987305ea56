import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseLogTarget } from '../src/log-id.js'
import { createLogMatcher } from '../src/log-match.js'
import { parseLogRecord, viewLogRecord } from '../src/log-record.js'
import { MAX_RECORD_BYTES, scanLog } from '../src/log-scan.js'

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
const matcher = createLogMatcher(parseLogTarget(TRACE))

async function scan(
  text: string,
  chunkBytes: number,
  onCut: () => void = () => undefined,
): Promise<{ text: string; time: number | undefined }[]> {
  async function* chunks(): AsyncGenerator<Uint8Array> {
    const bytes = Buffer.from(text)
    for (let start = 0; start < bytes.length; start += chunkBytes) yield bytes.subarray(start, start + chunkBytes)
  }
  const found = []
  for await (const { record, time } of scanLog(chunks(), matcher, { onCut })) found.push({ text: record.text, time })
  return found
}

const line = fc.oneof(
  fc.constant(`{"time":1763710752100,"trace_id":"${TRACE}","msg":"é"}`),
  fc.constant(`{"time":1763710752200,"trace_id":"other"}`),
  fc.constant(`{"trace_id":"${TRACE}"}`),
  fc.constant(`2025-11-21T07:39:12.300Z plain ${TRACE}`),
  fc.constant('2025-11-21T07:39:12.400Z plain'),
  fc.constant('    at somewhere (file.ts:1:2)'),
  fc.constant(`  id ${TRACE}`),
  fc.constant(` INFO ${TRACE}`),
  fc.constant(' WARN somebody else'),
  fc.constant('}'),
  fc.constant(''),
  fc.string({ maxLength: 40 }).map((text) => text.replaceAll('\n', ' ')),
)

test('finds the same records wherever the chunks are cut', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(line, { maxLength: 30 }), fc.integer({ min: 1, max: 90 }), async (lines, chunkBytes) => {
      const text = lines.join('\n')
      expect(await scan(text, chunkBytes)).toEqual(await scan(text, text.length * 4 + 1))
    }),
    { seed: 20_251_121, numRuns: 300 },
  )
})

test('never throws on what a line holds', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: 'binary' }),
        fc.json().map((json) => `{"time":${json},"level":${json},"err":${json},"msg":${json}}`),
      ),
      (text) => {
        const record = parseLogRecord(Buffer.from(text).toString('latin1'))
        expect(typeof viewLogRecord(record).message).toBe('string')
        expect(typeof matcher.matches(record)).toBe('boolean')
      },
    ),
    { seed: 20_251_121, numRuns: 500 },
  )
})

test('looks at a line for a short decimal id only behind the name of a trace id', () => {
  const { pattern } = createLogMatcher({ traceId: '00000000000000000000000000000001' })
  const wouldParse = (text: string): boolean => new RegExp(pattern.source, 'i').test(text)
  expect(wouldParse('{"level":1,"order":"1-1","amount":11}')).toBe(false)
  expect(['"dd.trace_id":"1"', '{"dd":{"trace_id":1}}', 'dd.trace_id=1 x'].map(wouldParse)).toEqual([true, true, true])
})

test('cuts a line that is too long for memory and goes on behind it', async () => {
  let cuts = 0
  const text = `${TRACE} ${'x'.repeat(MAX_RECORD_BYTES + 100_000)}\n${TRACE} next\n`
  const found = await scan(text, 64 * 1024, () => cuts++)
  expect(found.map((record) => record.text.slice(-4))).toEqual(['xxxx', 'next'])
  expect(found[0]?.text.length).toBeLessThan(MAX_RECORD_BYTES + 128 * 1024)
  expect(cuts).toBe(1)
})
