import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { serve } from '@clew/server'
import { chromium } from 'playwright-core'
import type { Browser, Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  BIG_ID,
  BIG_SPANS,
  FAILED_ID,
  HOSTILE_ID,
  SLOW_ID,
  bigTrace,
  everydayTraces,
  failedTrace,
  hostileTrace,
  slowTrace,
} from './shop-traces.js'
import { openStage, startProxy } from './stage.js'

const DEBIAN_CHROMIUM = '/usr/bin/chromium'
const executablePath = process.env['CLEW_CHROMIUM'] || (existsSync(DEBIAN_CHROMIUM) ? DEBIAN_CHROMIUM : '')
const reason = executablePath === '' ? ' (skipped: no Chromium found; set CLEW_CHROMIUM to its path)' : ''

const now = Date.now()
const ordinary = everydayTraces(now - 600_000, 70)
const traces = [...ordinary, slowTrace(now - 90_000), failedTrace(now - 60_000)]

/** Presses Tab until `target` has the focus, as a person without a mouse does. */
async function tabTo(page: Page, target: Locator): Promise<void> {
  for (let presses = 0; presses < 60; presses += 1) {
    if ((await target.count()) > 0 && (await target.first().evaluate((element) => element === document.activeElement))) return
    await page.keyboard.press('Tab')
  }
  throw new Error(`Tab never came to ${target}`)
}

/** An expectation that the page may take a moment to meet. */
function soon<T>(read: () => Promise<T>): ReturnType<typeof expect.poll<T>> {
  return expect.poll(read, { timeout: 10_000 })
}

function currentRow(page: Page): Locator {
  return page.locator('[role=row].current')
}

describe.skipIf(reason !== '')(`the dashboard in Chromium${reason}`, () => {
  let browser: Browser
  beforeAll(async () => {
    const args = ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--no-first-run']
    browser = await chromium.launch({ executablePath, args })
  })
  afterAll(() => browser.close())

  test('a slow trace is found with the mouse, and opens on what made it slow', async () => {
    await using stage = await openStage(browser, traces)
    const { page } = stage
    await page.goto('/')
    await page.getByText('Slowest', { exact: true }).click()
    await page.waitForURL('**/traces?order=slowest')
    await page.locator('tbody tr').first().getByText('2,500 ms').waitFor()
    await page.locator('tbody tr').first().locator('.col-duration').click({ force: true }) // the link covers the row
    await page.waitForURL(`**/traces/${SLOW_ID}`)
    await soon(() => page.title()).toBe('gateway POST /checkout 2,500 ms – clew')

    const answer = page.locator('.finding').first()
    expect(await answer.innerText()).toMatch(/orders: 2,35\d of 2,500 ms \(94 %\), in SELECT orders/)
    await answer.click()
    await soon(() => page.locator('.panel h2').innerText()).toBe('SELECT orders')
    expect(await page.locator('.panel').innerText()).toContain('ORDER BY o.created_at DESC')
    await soon(() => page.locator('[role=row][aria-selected=true]').innerText()).toContain('bottleneck')
    expect(new URL(page.url()).searchParams.has('span')).toBe(true)
    expect(stage.problems).toEqual([])
  })

  test('a failed trace is found with the keyboard alone, down to the stack of its cause', async () => {
    await using stage = await openStage(browser, traces)
    const { page } = stage
    await page.goto('/')
    await tabTo(page, page.getByRole('radio', { name: 'All' }))
    await page.keyboard.press('ArrowRight')
    await page.waitForURL('**/traces?status=error')
    await tabTo(page, page.locator('.row-link'))
    await page.keyboard.press('Enter')
    await page.waitForURL(`**/traces/${FAILED_ID}`)

    await tabTo(page, page.locator('button.finding'))
    await page.keyboard.press('Enter')
    await soon(() => page.locator('.panel h2').innerText()).toBe('charge card')
    expect(await page.locator('.panel pre').innerText()).toContain('at charge (/srv/payments/src/charge.ts:41:11)')

    await tabTo(page, page.getByRole('treegrid'))
    await page.keyboard.press('ArrowUp')
    await soon(() => page.locator('.panel h2').innerText()).toBe('POST /charge')
    await page.keyboard.press('Escape')
    await soon(() => page.locator('.panel').count()).toBe(0)

    await page.keyboard.press('Enter')
    await tabTo(page, page.getByRole('button', { name: 'Close the panel' }))
    await page.keyboard.press('Enter')
    await soon(() => page.locator('.panel').count()).toBe(0)
    expect(await page.getByRole('treegrid').evaluate((element) => element === document.activeElement)).toBe(true)
    expect(stage.problems).toEqual([])
  })

  test('the conditions stand in the address and survive a reload', async () => {
    await using stage = await openStage(browser, traces)
    const { page } = stage
    await page.goto('/traces')
    await page.getByRole('combobox', { name: 'Service', exact: true }).selectOption('payments')
    await page.getByLabel('At least').fill('1.5 s')
    // Answers that arrive while somebody types draw the page anew.
    await page.getByRole('button', { name: 'Refresh' }).dispatchEvent('click')
    await page.locator('tbody tr').nth(1).waitFor()
    expect(await page.getByLabel('At least').inputValue()).toBe('1.5 s')
    await page.getByLabel('At least').press('Enter')
    await page.waitForURL('**/traces?service=payments&min=1500ms')
    await page.reload()
    await page.locator('tbody tr').first().waitFor()
    await soon(() => page.locator('tbody tr').count()).toBe(1)
    expect(await page.getByLabel('At least').inputValue()).toBe('1,500 ms')

    await page.getByLabel('At least').fill('2,500 ms')
    await page.getByLabel('At least').press('Enter')
    await page.waitForURL('**/traces?service=payments&min=2500ms')
    await page.getByLabel('At least').fill('3 min 25 s')
    await page.getByLabel('At least').press('Enter')
    await page.waitForURL('**/traces?service=payments&min=205000ms')
    expect(await page.getByLabel('At least').inputValue()).toBe('3 min 25 s')

    await page.getByLabel('At least').fill('soon')
    await page.getByLabel('At least').press('Enter')
    await soon(() => page.getByLabel('At least').getAttribute('aria-invalid')).toBe('true')
    await page.getByRole('button', { name: 'Clear' }).click()
    await page.waitForURL('**/traces')
    expect(stage.problems).toEqual([])
  })

  test('More adds the next page, and Back shows the list as it was left', async () => {
    await using stage = await openStage(browser, traces)
    const { page } = stage
    await page.goto('/')
    await page.getByText('50 traces').waitFor()
    await page.getByRole('button', { name: 'More' }).click()
    await page.getByText(`${traces.length} traces`).waitFor()
    expect(await page.getByRole('button', { name: 'More' }).count()).toBe(0)
    const left = page.locator('.row-link').last()
    await left.scrollIntoViewIfNeeded()
    const scrolled = await page.evaluate(() => scrollY)
    await left.click()
    await page.getByRole('treegrid').waitFor()
    await page.goBack()
    await page.getByText(`${traces.length} traces`).waitFor()
    await soon(() => page.evaluate(() => scrollY)).toBe(scrolled)
    expect(scrolled).toBeGreaterThan(0)
    expect(stage.problems).toEqual([])
  })

  test('rows fold and unfold by key and by click', async () => {
    await using stage = await openStage(browser, traces)
    const { page } = stage
    await page.goto(`/traces/${SLOW_ID}`)
    const grid = page.getByRole('treegrid')
    await grid.focus()
    const rows = (): Promise<number> => page.locator('.row').count()
    const all = await rows()
    await page.keyboard.press('Home')
    await page.keyboard.press('ArrowLeft')
    await soon(rows).toBe(1)
    await soon(() => currentRow(page).getAttribute('aria-expanded')).toBe('false')
    expect(await currentRow(page).innerText()).toContain(`+${all - 1} spans`)
    await page.keyboard.press('ArrowRight')
    await soon(rows).toBe(all)
    await page.getByRole('button', { name: 'Fold all', exact: true }).click()
    await soon(rows).toBe(5)
    await page.getByRole('button', { name: 'Unfold', exact: true }).first().click()
    await soon(rows).toBe(6)
    expect(stage.problems).toEqual([])
  })

  test('the way from error to error leads through folded rows', async () => {
    await using stage = await openStage(browser, traces)
    const { page } = stage
    await page.goto(`/traces/${FAILED_ID}`)
    await page.getByRole('button', { name: 'Fold all', exact: true }).click()
    for (const label of ['POST /checkout', 'POST orders', 'POST /orders', 'POST payments', 'POST /charge', 'charge card']) {
      await page.getByRole('button', { name: 'Next error' }).click()
      await soon(() => page.locator('.panel h2').innerText()).toBe(label)
      await soon(() => page.locator('[role=row][aria-selected=true]').innerText()).toContain(label)
    }
    expect(stage.problems).toEqual([])
  })

  test('a trace of thousands of spans shows a screenful at a time, bars and all', async () => {
    await using stage = await openStage(browser, [bigTrace(now)])
    const { page } = stage
    await page.goto(`/traces/${BIG_ID}`)
    const grid = page.getByRole('treegrid')
    await grid.focus()
    expect(await grid.getAttribute('aria-rowcount')).toBe(String(BIG_SPANS + 1))
    await page.keyboard.press('End')
    await page.locator(`[role=row][aria-rowindex="${BIG_SPANS + 1}"].current`).waitFor()
    expect(await page.locator('.row').count()).toBeLessThan(150)
    const box = await currentRow(page).boundingBox()
    expect(box!.y).toBeGreaterThan(0)
    expect(box!.y + box!.height).toBeLessThanOrEqual(800)
    await soon(() => countDrawnRows(page)).toBe(await page.locator('.row').count())
    expect(stage.problems).toEqual([])
  })

  test('a link to a span opens with its details and its row in view', async () => {
    await using stage = await openStage(browser, [bigTrace(now)])
    const { page } = stage
    const failed = (await stage.store.getTrace(BIG_ID))!.spans.find((span) => span.status === 'error')!
    await page.goto(`/traces/${BIG_ID}?span=${failed.spanId}`)
    await soon(() => page.locator('.panel h2').innerText()).toBe('format')
    const box = await page.locator('[role=row][aria-selected=true]').boundingBox()
    expect(box!.y).toBeGreaterThan(0)
    expect(box!.y).toBeLessThan(800)
    expect(stage.problems).toEqual([])
  })

  test('a trace is opened by its id, and an unknown id is said to be unknown', async () => {
    await using stage = await openStage(browser, traces)
    const { page } = stage
    await page.goto('/')
    const box = page.getByRole('searchbox', { name: 'Trace id or external id' })
    await box.fill(` ${SLOW_ID.toUpperCase()} `)
    await box.press('Enter')
    await page.getByRole('treegrid').waitFor()
    expect(stage.problems).toEqual([])
    await box.fill('no such/id 100%')
    await box.press('Enter')
    await page.getByRole('heading', { name: 'No such trace' }).waitFor()
    expect(await page.getByRole('alert').innerText()).toContain('no such/id 100%')
  })

  test('an empty store says how to fill it, and conditions that nothing meets say so', async () => {
    await using stage = await openStage(browser, [])
    const { page } = stage
    await page.goto('/')
    await page.getByRole('heading', { name: 'No traces yet' }).waitFor()
    expect(await page.locator('.state').innerText()).toContain(`OTEL_EXPORTER_OTLP_ENDPOINT=${stage.server.url}`)
    await page.getByText('Failed', { exact: true }).click()
    await page.getByRole('heading', { name: 'No trace meets these conditions' }).waitFor()
    expect(stage.problems).toEqual([])
  })

  test('a server that went away is said to be away, and asked again until it is back', async () => {
    await using stage = await openStage(browser, traces)
    const { page, server, store } = stage
    await page.goto('/')
    await page.locator('.row-link').first().waitFor()
    await server.close()
    await page.getByRole('button', { name: 'Refresh' }).click()
    await page.getByRole('alert').getByText('The clew server does not answer.').waitFor()
    expect(await page.locator('tbody tr').count()).toBe(50)
    await page.locator('.row-link').first().click()
    await page.getByRole('heading', { name: 'No answer from the server' }).waitFor()
    await using again = await serve({ store, port: server.port })
    await page.getByRole('treegrid').waitFor()
    expect(again.port).toBe(server.port)
  })

  test('a token is asked for, and kept for the tab', async () => {
    await using stage = await openStage(browser, traces, { token: 'ariadne' })
    const { page } = stage
    await page.goto('/')
    const field = page.getByLabel('Token', { exact: true })
    await field.fill('minos')
    await field.press('Enter')
    await page.getByRole('alert').getByText('missing or wrong').waitFor()
    await field.fill('ariadne')
    await field.press('Enter')
    await page.locator('.row-link').first().click()
    await page.getByRole('treegrid').waitFor()
    await page.reload()
    const saved = page.waitForEvent('download')
    await page.getByRole('button', { name: 'JSON' }).click()
    const file = await saved
    expect(file.suggestedFilename()).toMatch(/^trace-[0-9a-f]{32}\.json$/)
    expect(Object.keys(JSON.parse(await readFile(await file.path(), 'utf8')) as object)).toEqual(['trace', 'analysis'])
  })

  test('a host that the server does not answer to is said to be the fault, and no token is asked for', async () => {
    await using stage = await openStage(browser, traces, { token: 'ariadne' })
    const { page } = stage
    await page.route('**/api/v1/**', (route) =>
      route.fulfill({ status: 403, json: { error: { code: 'HOST_NOT_ALLOWED', message: 'Host example.com is not answered here' } } }),
    )
    await page.goto('/')
    await page.getByRole('alert').getByText('Host example.com is not answered here').waitFor()
    expect(await page.getByLabel('Token', { exact: true }).count()).toBe(0)
  })

  test('it works below a path of its own behind a reverse proxy', async () => {
    await using stage = await openStage(browser, traces)
    await using proxy = await startProxy(stage.server, '/tools/clew')
    const { page } = stage
    await page.goto(`${proxy.url}/traces/${SLOW_ID}`)
    await page.getByRole('treegrid').waitFor()
    await page.getByRole('link', { name: 'Traces', exact: true }).click()
    await page.locator('.row-link').first().click()
    await page.getByRole('treegrid').waitFor()
    expect(page.url()).toContain('/tools/clew/traces/')
    await page.reload()
    await page.getByRole('treegrid').waitFor()
    expect(stage.problems).toEqual([])
  })

  test.each([390, 800, 1_400])('at %d pixels the span that a finding leads to is not covered by its details', async (width) => {
    await using stage = await openStage(browser, traces, { viewport: { width, height: 800 } })
    const { page } = stage
    await page.goto(`/traces/${FAILED_ID}`)
    await page.locator('button.finding').first().click()
    const panel = (await page.locator('.panel').boundingBox())!
    const row = (await page.locator('[role=row][aria-selected=true]').boundingBox())!
    expect(row.y).toBeGreaterThan(0)
    expect(row.y + row.height <= panel.y || row.x + row.width <= panel.x + 1).toBe(true)
    expect(row.y + row.height).toBeLessThanOrEqual(800)
    expect(stage.problems).toEqual([])
  })

  test.each([390, 800, 1_400])('at %d pixels hostile names stay in their places', async (width) => {
    await using stage = await openStage(browser, [...traces, hostileTrace(now - 5_000)], { viewport: { width, height: 800 } })
    const { page } = stage
    const pageWidth = (): Promise<number> => page.evaluate(() => document.documentElement.scrollWidth)
    await page.goto('/')
    await page.locator('.row-link').first().waitFor()
    expect(await pageWidth()).toBeLessThanOrEqual(width)

    await page.goto(`/traces/${HOSTILE_ID}`)
    await page.locator('.row').first().waitFor()
    expect(await pageWidth()).toBeLessThanOrEqual(width)
    expect((await page.getByRole('treegrid').boundingBox())!.y).toBeLessThan(1_000)
    const overlaps = await page.locator('.row').evaluateAll((rows) => {
      const right = (row: Element, part: string): number => row.querySelector(part)?.getBoundingClientRect().right ?? 0
      const left = (row: Element): number => row.querySelector('.cell-duration')!.getBoundingClientRect().left
      return rows.filter((row) => Math.max(right(row, '.row-service'), right(row, '.label')) > left(row) + 0.5).map((row) => row.id)
    })
    expect(overlaps).toEqual([])
    const unreadable = await page
      .locator('.row')
      .evaluateAll((rows) => rows.filter((row) => row.querySelector('.label')!.getBoundingClientRect().width < 16).map((row) => row.id))
    expect(unreadable).toEqual([])
    expect(await page.locator('.findings').innerText()).not.toMatch(/[\u202a-\u202e\u2066-\u2069]/u)

    await page.getByRole('button', { name: 'Next error' }).click()
    await page.getByRole('button', { name: 'Next error' }).click()
    const close = (await page.getByRole('button', { name: 'Close the panel' }).boundingBox())!
    expect(close.x + close.width).toBeLessThanOrEqual(width)
    expect(close.y).toBeLessThan(800)
    expect(await pageWidth()).toBeLessThanOrEqual(width)
    await page.getByRole('button', { name: 'Close the panel' }).click()

    await page.getByRole('button', { name: /^All \d+ services$/ }).click()
    await page.locator('.shares').getByText('service-119', { exact: true }).waitFor()
    expect(stage.problems).toEqual([])
  })

  test.each(['light', 'dark'] as const)('at 360 pixels and %s nothing is wider than the screen', async (colorScheme) => {
    await using stage = await openStage(browser, traces, { viewport: { width: 360, height: 740 }, colorScheme })
    const { page } = stage
    for (const path of ['/', `/traces/${FAILED_ID}`, `/traces/${SLOW_ID}`]) {
      await page.goto(path)
      await page.locator('.row-link, .row').first().waitFor()
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360)
    }
    const lightness = await page.evaluate(() => Number(/\d+/.exec(getComputedStyle(document.body).backgroundColor)?.[0]))
    expect(lightness > 128 ? 'light' : 'dark').toBe(colorScheme)
    expect(stage.problems).toEqual([])
  })
})

/** In how many of the rendered rows the canvas shows something strong: a bar, not only the lines of the grid. */
function countDrawnRows(page: Page): Promise<number> {
  return page.evaluate(() => {
    const canvas = document.querySelector<HTMLCanvasElement>('canvas.bars')!
    const rows = document.querySelectorAll('.row').length
    const height = canvas.height / rows
    const context = canvas.getContext('2d')!
    const hasBar = (row: number): boolean => {
      const { data } = context.getImageData(0, Math.round((row + 0.5) * height), canvas.width, 1)
      return data.some(
        (value, index) =>
          index % 4 === 2 && Math.max(value, data[index - 1]!, data[index - 2]!) - Math.min(value, data[index - 1]!, data[index - 2]!) > 40,
      )
    }
    return Array.from({ length: rows }, (_, row) => row).filter(hasBar).length
  })
}
