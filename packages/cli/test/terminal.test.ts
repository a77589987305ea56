import { expect, test } from 'vitest'
import { captureTerminal } from './helpers.js'

test('takes its width from COLUMNS, else the screen, else 100, and never less than 60', () => {
  const width = (options: Parameters<typeof captureTerminal>[0]): number => captureTerminal(options).terminal.width
  expect(width({})).toBe(100)
  expect(width({ isTty: true, columns: 132 })).toBe(132)
  expect(width({ isTty: true, columns: 132, env: { COLUMNS: '80' } })).toBe(80)
  expect(width({ isTty: true, columns: 20 })).toBe(60)
  expect(width({ env: { COLUMNS: 'wide' } })).toBe(100)
})

test('colours on a terminal alone, unless NO_COLOR or FORCE_COLOR says otherwise', () => {
  const hasColors = (isTty: boolean, env: Record<string, string> = {}): boolean =>
    captureTerminal({ isTty, env }).terminal.colors.isColorSupported
  expect([hasColors(true), hasColors(false)]).toEqual([true, false])
  expect([hasColors(true, { NO_COLOR: '1' }), hasColors(true, { NO_COLOR: '' }), hasColors(true, { TERM: 'dumb' })]).toEqual([
    false,
    true,
    false,
  ])
  expect([hasColors(false, { FORCE_COLOR: '1' }), hasColors(true, { FORCE_COLOR: '0' })]).toEqual([true, false])
})

test('shows Unicode where the locale is UTF-8; LC_ALL goes before LANG', () => {
  const hasUnicode = (env: Record<string, string>): boolean => captureTerminal({ env }).terminal.unicode
  expect([hasUnicode({ LANG: 'en_GB.UTF-8' }), hasUnicode({ LANG: 'C' }), hasUnicode({ LANG: 'en_GB.utf8', LC_ALL: 'POSIX' })]).toEqual([
    true,
    false,
    false,
  ])
})
