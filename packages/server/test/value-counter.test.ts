import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createValueCounter } from '../src/value-counter.js'

/** As many as there are containers, and elements after the first of each. */
function countIn(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  const elements: unknown[] = Object.values(value)
  return 1 + Math.max(0, elements.length - 1) + elements.reduce<number>((sum, element) => sum + countIn(element), 0)
}

test('counts containers and their further elements, wherever the text is cut and whatever its strings hold', () => {
  const text = fc.oneof(fc.string(), fc.stringMatching(/^[{}[\],"\\]*$/))
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof({ depthSize: 'small' }, text, fc.double(), tie('list'), tie('map')),
    list: fc.array(tie('value')),
    map: fc.dictionary(text, tie('value')),
  }))
  const property = fc.property(value, fc.integer({ min: 1, max: 7 }), fc.constantFrom(0, 2), (json, size, indent) => {
    const bytes = Buffer.from(JSON.stringify(json, null, indent))
    const countValues = createValueCounter()
    let count = 0
    for (let start = 0; start < bytes.length; start += size) count = countValues(bytes.subarray(start, start + size))
    expect(count).toBe(countIn(JSON.parse(bytes.toString())))
  })
  fc.assert(property, { seed: 42, numRuns: 500 })
})
