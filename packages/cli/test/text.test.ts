import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { alignText, escapeControls, measureText, truncateText, wrapText } from '../src/text.js'

test('shows what a terminal would obey as escapes', () => {
  expect(escapeControls('a\u001b[31mb\nc\td\u009be\u202ef\u200bg\u{e0041}h')).toBe('a\\x1b[31mb\\nc d\\x9be\\u202ef\\u200bg\\u{e0041}h')
  expect(escapeControls('\ud800 alone')).toBe('\\ud800 alone')
})

test('leaves ordinary text of any script alone', () => {
  for (const text of ['plain', 'é', '日本語', 'עברית', '😀', '├ ✗ █']) expect(escapeControls(text)).toBe(text)
})

test('measures wide characters as two columns and combining ones as none', () => {
  expect(['abc', '日本', 'e\u0301', '😀', '├ ✗…'].map(measureText)).toEqual([3, 4, 1, 2, 4])
})

test('cuts between characters and never beyond the width', () => {
  expect([truncateText('abcdef', 4), truncateText('日本語', 4), truncateText('abc', 3), truncateText('abc', 0)]).toEqual([
    'abc…',
    '日…',
    'abc',
    '',
  ])
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.nat({ max: 30 }), (text, width) => {
      expect(measureText(truncateText(text, width))).toBeLessThanOrEqual(width)
    }),
    { seed: 20_251_121 },
  )
})

test('pads on either side', () => {
  expect([alignText('日', 4), alignText('日', 4, 'end'), alignText('abcde', 4)]).toEqual(['日  ', '  日', 'abcde'])
})

test('breaks lines at spaces, and cuts a word only where it has to', () => {
  expect(wrapText('the quick brown fox', 10)).toEqual(['the quick', 'brown fox'])
  expect(wrapText('an incomprehensible word', 8)).toEqual(['an', 'incompr…', 'word'])
})
