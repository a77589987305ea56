import type { SpanNode } from '@clew/analysis'
import { analyzeTrace, joinTrace } from '@clew/analysis'
import { expect, test } from 'vitest'
import { createTraceModel, listRows } from '../src/trace-model.js'
import { readTreeKey } from '../src/treegrid-keys.js'
import { drawTrace } from './shop-spans.js'

const spans = drawTrace('ab'.repeat(16), 0, [
  {
    service: 'a',
    name: 'root',
    at: 0,
    ms: 100,
    children: [
      { service: 'a', name: 'first', at: 1, ms: 40, children: [{ service: 'a', name: 'leaf', at: 2, ms: 10 }] },
      { service: 'a', name: 'second', at: 50, ms: 40 },
    ],
  },
])
const trace = joinTrace(spans)
const model = createTraceModel({ trace, analysis: analyzeTrace(trace) })

function press(key: string, on: string, folded: readonly string[] = []): string {
  const isFolded = (node: SpanNode): boolean => folded.includes(node.span.name)
  const collapsed = new Set([...model.nodes].filter(([, node]) => isFolded(node)).map(([nodeKey]) => nodeKey))
  const rows = listRows(model, collapsed)
  const index = rows.findIndex((node) => node.span.name === on)
  const action = readTreeKey(key, { rows, index, isFolded, pageRows: 2 })
  return action ? `${action.kind} ${action.node.span.name}` : 'nothing'
}

test.each([
  ['ArrowDown', 'root', 'move first'],
  ['ArrowDown', 'second', 'move second'],
  ['ArrowUp', 'second', 'move leaf'],
  ['ArrowUp', 'root', 'move root'],
  ['PageDown', 'root', 'move leaf'],
  ['PageUp', 'second', 'move first'],
  ['Home', 'second', 'move root'],
  ['End', 'root', 'move second'],
  ['Enter', 'leaf', 'open leaf'],
  [' ', 'leaf', 'open leaf'],
  ['ArrowRight', 'root', 'move first'],
  ['ArrowRight', 'leaf', 'nothing'],
  ['ArrowLeft', 'first', 'collapse first'],
  ['ArrowLeft', 'leaf', 'move first'],
  ['x', 'root', 'nothing'],
])('%s on %s: %s', (key, on, expected) => {
  expect(press(key, on)).toBe(expected)
})

test('the right arrow unfolds first, and the left one then leads to the parent', () => {
  expect(press('ArrowRight', 'first', ['first'])).toBe('expand first')
  expect(press('ArrowLeft', 'first', ['first'])).toBe('move root')
})

test('folded rows are passed over', () => {
  expect(press('ArrowDown', 'first', ['first'])).toBe('move second')
})
