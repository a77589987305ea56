import { setImmediate } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { Pacer } from '../src/pacer.js'

const NUMBERS = Array.from({ length: 40 }, (_, number) => number)

function work(ms: number): void {
  const end = performance.now() + ms
  while (performance.now() < end);
}

/** What was done in each turn of the event loop, until all is done. */
async function recordTurns(start: (done: number[]) => Promise<unknown>): Promise<number[][]> {
  const turns: number[][] = [[]]
  const all: number[] = []
  let isDone = false
  const running = start(all).then(() => (isDone = true))
  for (let seen = 0; ; await setImmediate()) {
    turns.push(all.slice(seen))
    seen = all.length
    if (isDone) break
  }
  await running
  return turns.filter((turn) => turn.length > 0)
}

describe('Pacer', () => {
  it('lets the event loop turn between items, and keeps their order', async () => {
    const pacer = new Pacer()
    const turns = await recordTurns((done) => pacer.visit(NUMBERS, (number) => void (work(4), done.push(number))))
    expect(turns.flat()).toEqual(NUMBERS)
    expect(Math.max(...turns.map((turn) => turn.length))).toBeLessThanOrEqual(3)
  })

  it('gives all that runs at once no more of a turn than it gives one', async () => {
    const pacer = new Pacer()
    const begin = (first: number, done: number[]): Promise<void> =>
      pacer.visit(NUMBERS.slice(0, 10), (number) => void (work(4), done.push(first + number)))
    const turns = await recordTurns((done) => Promise.all([0, 100, 200, 300, 400].map((first) => begin(first, done))))
    expect(turns.flat().toSorted((a, b) => a - b)).toEqual(
      [0, 100, 200, 300, 400].flatMap((first) => NUMBERS.slice(0, 10).map((n) => first + n)),
    )
    expect(Math.max(...turns.map((turn) => turn.length))).toBeLessThanOrEqual(3)
    expect(turns.flat().indexOf(400)).toBeLessThan(turns.flat().indexOf(9))
  })

  it('needs no turn for what is done at once', async () => {
    let turned = false
    void setImmediate().then(() => (turned = true))
    await new Pacer().visit(NUMBERS.slice(0, 1), () => {})
    expect(turned).toBe(false)
  })

  it('stops where it is told to, and hands on what is thrown', async () => {
    const seen: number[] = []
    await new Pacer().visit(NUMBERS, (number) => seen.push(number) < 3)
    expect(seen).toEqual([0, 1, 2])
    const fail = (): never => {
      throw new Error('no')
    }
    await expect(new Pacer().visit(NUMBERS, fail)).rejects.toThrow('no')
  })
})
