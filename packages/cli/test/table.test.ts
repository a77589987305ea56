import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Column, formatTable } from '../src/table.js'
import { measureText } from '../src/text.js'

const COLUMNS: readonly Column[] = [
  { title: 'ID' },
  { title: 'NAME', minWidth: 6 },
  { title: 'COUNT', align: 'end', dropRank: 1 },
  { title: 'NOTE', minWidth: 4, dropRank: 2 },
]
const ROWS = [
  ['a1', 'orders and invoices', '12', 'first of them'],
  ['b22', '注文サービスの名前', '3', ''],
]

function draw(width: number): string[] {
  return formatTable(COLUMNS, ROWS, { width, mark: '…' })
}

test('takes no more room than the cells need', () => {
  expect(draw(100)).toEqual([
    'ID   NAME                 COUNT  NOTE',
    'a1   orders and invoices     12  first of them',
    'b22  注文サービスの名前       3',
  ])
})

test('cuts the widest columns first', () => {
  expect(draw(35)).toEqual(['ID   NAME        COUNT  NOTE', 'a1   orders an…     12  first of t…', 'b22  注文サー…       3'])
})

test('leaves columns out where cutting is not enough', () => {
  expect(draw(20)).toEqual(['ID   NAME      COUNT', 'a1   orders …     12', 'b22  注文サ…       3'])
  expect(draw(12)).toEqual(['ID   NAME', 'a1   orders…', 'b22  注文サ…'])
})

test('fits whatever the cells hold', () => {
  const row = fc.tuple(
    fc.string({ maxLength: 5 }),
    fc.string({ unit: 'grapheme' }),
    fc.nat().map(String),
    fc.string({ unit: 'binary', maxLength: 60 }),
  )
  fc.assert(
    fc.property(fc.array(row), fc.integer({ min: 40, max: 120 }), (rows, width) => {
      const lines = formatTable(COLUMNS, rows, { width, mark: '…' })
      expect(lines).toHaveLength(rows.length + 1)
      for (const line of lines) expect(measureText(line)).toBeLessThanOrEqual(width)
    }),
    { seed: 20_251_121 },
  )
})
