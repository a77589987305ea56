import { InvalidArgumentError } from 'commander'
import { expect, test } from 'vitest'
import { parseAttribute, parseDay, parseMoment, parseWhole, readDuration } from '../src/arguments.js'

const NOW = Date.UTC(2026, 0, 31, 12)

test('reads durations in any unit, milliseconds by default', () => {
  expect(['250ms', '1.5s', '2m', '1h', '250', '500us'].map((text) => readDuration(text))).toEqual([250, 1500, 120_000, 3_600_000, 250, 0.5])
  for (const text of ['', 'soon', '-1s', '1w', '1e3']) expect(() => readDuration(text)).toThrow(InvalidArgumentError)
})

test('reads moments as times ago or as ISO times, in UTC where they name no zone', () => {
  expect(['15m', '2h', '1d'].map((text) => NOW - parseMoment(text, NOW))).toEqual([900_000, 7_200_000, 86_400_000])
  expect(['2026-01-31T12:00Z', '2026-01-31 12:00:00.000', '2026-01-31T13:00+01:00'].map((text) => parseMoment(text, NOW))).toEqual([
    NOW,
    NOW,
    NOW,
  ])
  expect(parseMoment('2026-01-31', NOW)).toBe(Date.UTC(2026, 0, 31))
  for (const text of ['', 'yesterday', '15', '2026-13-01', '1769860800000'])
    expect(() => parseMoment(text, NOW)).toThrow(InvalidArgumentError)
})

test('reads whole numbers within their range', () => {
  expect([parseWhole(0)('0'), parseWhole(1, 100)('100')]).toEqual([0, 100])
  for (const text of ['0', '101', '1.5', '-3', 'x', ''])
    expect(() => parseWhole(1, 100)(text)).toThrow('It must be a whole number from 1 to 100.')
})

test('collects attributes, whose values may hold an equals sign', () => {
  expect(parseAttribute('url.query=a=b', { 'user.id': '42' })).toEqual({ 'user.id': '42', 'url.query': 'a=b' })
  for (const text of ['x', '=x', '']) expect(() => parseAttribute(text)).toThrow(InvalidArgumentError)
})

test('reads days that are in the calendar', () => {
  expect(parseDay('2024-02-29')).toBe('2024-02-29')
  for (const text of ['2026-02-29', '2026-2-1', 'today']) expect(() => parseDay(text)).toThrow(InvalidArgumentError)
})
