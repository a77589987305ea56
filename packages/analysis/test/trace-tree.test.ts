import { joinTrace, traceTree } from '@clew/analysis'
import { describe, expect, it } from 'vitest'
import { call, makeSpan, makeSpans, nodesById, T0 } from './support/span-factory.js'
import type { Branch } from './support/span-factory.js'

describe('traceTree', () => {
  it('lists the nodes from top to bottom, children in time order', () => {
    const trace = joinTrace(
      makeSpans([
        'root',
        { lasts: 50 },
        [
          ['b', { at: 20, lasts: 5 }, [['c', { at: 21, lasts: 1 }]]],
          ['a', { at: 10, lasts: 5 }],
        ],
      ]),
    )
    const { roots, nodes } = traceTree(trace)
    expect([...nodes.values()].map(({ span, depth }) => `${depth} ${span.spanId}`)).toEqual(['0 root', '1 a', '1 b', '2 c'])
    expect(roots).toEqual([nodes.get(trace.root)])
    expect(nodes.get(trace.spans[1]!)?.parent).toBe(roots[0])
  })

  it('makes the same tree of a trace that went through JSON', () => {
    const trace = joinTrace([
      ...makeSpans([
        'GET /',
        { kind: 'server', service: 'gateway', lasts: 100 },
        [
          ['legacy', { ...call('legacy'), at: 10, lasts: 80 }],
          ['call', { ...call('orders'), at: 91, lasts: 8 }, [['GET /orders', { kind: 'server', service: 'orders', at: -500, lasts: 5 }]]],
        ],
      ]),
      makeSpan('POST /notify', { kind: 'server', service: 'notifier', at: 20, lasts: 50 }),
    ])
    const outline = (of: typeof trace): string[] =>
      [...traceTree(of).nodes.values()].map(({ span, depth, place, startTime }) => `${depth} ${span.spanId} ${place} ${startTime - T0}`)
    expect(outline(JSON.parse(JSON.stringify(trace)))).toEqual(outline(trace))
    expect(outline(trace)).toEqual([
      '0 GET / root 0',
      '1 legacy recorded 10',
      '2 POST /notify inferred 20',
      '1 call recorded 91',
      '2 GET /orders recorded 92.5',
    ])
  })

  it('ends where somebody made inferred parents circular', () => {
    const trace = joinTrace([makeSpan('a'), makeSpan('b', { at: 1 })])
    const { roots } = traceTree({ ...trace, inferredParents: { a: 'b', b: 'a' } })
    expect(roots.map(({ span }) => span.spanId)).toEqual(['a'])
  })
})

describe('self time', () => {
  function measure(lasts: number, children: readonly Branch[]): number | undefined {
    return nodesById(joinTrace(makeSpans(['root', { lasts }, children]))).get('root')?.selfTime
  }

  it.each<[string, readonly Branch[], number]>([
    ['all of it without children', [], 100],
    [
      'what its children leave',
      [
        ['a', { at: 10, lasts: 20 }],
        ['b', { at: 50, lasts: 30 }],
      ],
      50,
    ],
    [
      'with overlapping children counted once',
      [
        ['a', { at: 10, lasts: 40 }],
        ['b', { at: 30, lasts: 40 }],
        ['c', { at: 35, lasts: 5 }],
      ],
      40,
    ],
    ['nothing where a child ran throughout', [['a', { at: 0, lasts: 100 }]], 0],
    [
      'never negative, whatever ran on after its end',
      [
        ['a', { at: 90, lasts: 500 }],
        ['b', { at: 200, lasts: 500 }],
      ],
      90,
    ],
    ['only touched from its own start on', [['a', { at: -50, lasts: 60 }]], 90],
  ])('is %s', (_, children, expected) => {
    expect(measure(100, children)).toBe(expected)
  })
})
