import { analyzeTrace, joinTrace, traceTree } from '@clew/analysis'
import type { Trace, TraceState } from '@clew/analysis'
import { describe, expect, it } from 'vitest'
import { call, db, makeSpan, makeSpans, nodesById, parentsById, T0, thrown, TRACE_ID } from './support/span-factory.js'
import type { Branch } from './support/span-factory.js'

const server = { kind: 'server' } as const

function join(...trees: readonly Branch[]): Trace {
  return joinTrace(trees.flatMap((tree) => makeSpans(tree)))
}

function listIssues(trace: Trace): string[] {
  return trace.issues.map(({ kind, message }) => `${kind}: ${message}`)
}

describe('joinTrace', () => {
  it('refuses an empty list', () => {
    expect(() => joinTrace([])).toThrow(new RangeError('joinTrace needs at least one span'))
  })

  it('describes the request as a whole', () => {
    const trace = join([
      'GET /orders/:id',
      { ...server, service: 'gateway', lasts: 100, attributes: { 'trace.external_id': 'abc-123' } },
      [
        [
          'call',
          { ...call('orders'), at: 10, lasts: 50 },
          [['GET /:id', { ...server, ...thrown('E', 'no'), service: 'orders', at: 12, lasts: 40 }]],
        ],
        ['audit', { at: 90, lasts: 60 }],
      ],
    ])
    expect(trace).toMatchObject({
      traceId: TRACE_ID,
      externalId: 'abc-123',
      startTime: T0,
      duration: 100,
      totalDuration: 150,
      services: [
        { name: 'gateway', spanCount: 3, errorCount: 0 },
        { name: 'orders', spanCount: 1, errorCount: 1 },
      ],
      hasErrors: true,
      state: 'completed',
      issues: [],
    })
    expect(trace.root.spanId).toBe('GET /orders/:id')
    expect(trace.spans.map(({ spanId }) => spanId)).toEqual(['GET /orders/:id', 'call', 'GET /:id', 'audit'])
  })

  it('takes the external id of any span where the root has none', () => {
    expect(join(['a', {}, [['b', { attributes: { 'trace.external_id': 'abc-123' } }]]]).externalId).toBe('abc-123')
  })

  it('takes the earliest local root where every span has a parent elsewhere', () => {
    const trace = joinTrace([
      makeSpan('late', { ...server, service: 'b', parentSpanId: 'x', at: 20, lasts: 10 }),
      makeSpan('early', { ...server, service: 'a', parentSpanId: 'y', parentIsRemote: true, at: 5, lasts: 40 }),
    ])
    expect(trace.root.spanId).toBe('early')
    expect(nodesById(trace).get('early')?.place).toBe('root')
    expect(nodesById(trace).get('late')?.place).toBe('orphan')
    expect(listIssues(trace)).toEqual(['missing-parent: The parent of `late` in b was not recorded'])
  })

  describe('where the caller of the real entry is not recorded, as a browser or a gateway', () => {
    const entry = { ...server, service: 'gateway', parentSpanId: 'browser', parentIsRemote: true }

    it('takes the entry, not a leaf without a parent behind two calls that are not traced', () => {
      const trace = joinTrace([
        ...makeSpans([
          'GET /checkout',
          { ...entry, lasts: 2_500 },
          [
            ['one', { ...call('legacy'), at: 5, lasts: 2_400 }],
            ['two', { ...call('legacy'), at: 6, lasts: 2_410 }],
          ],
        ]),
        makeSpan('GET /stock', { ...server, service: 'inventory', at: 100, lasts: 40 }),
      ])
      expect([trace.root.spanId, trace.duration, trace.state]).toEqual(['GET /checkout', 2_500, 'completed'])
      expect(listIssues(trace)).toEqual(['multiple-roots: `GET /stock` in inventory has no parent although it is not the root'])
    })

    it('takes the entry, not a stray span after its end', () => {
      const trace = joinTrace([makeSpan('GET /', { ...entry, lasts: 2_500 }), makeSpan('cleanup', { at: 2_600, lasts: 5 })])
      expect(trace.root.spanId).toBe('GET /')
    })

    it('takes the one without a parent where that came first', () => {
      const trace = joinTrace([makeSpan('GET /', { ...entry, at: 5, lasts: 50 }), makeSpan('page load', { lasts: 5 })])
      expect(trace.root.spanId).toBe('page load')
    })

    it('takes the longest of those that began at once', () => {
      const trace = joinTrace([makeSpan('brief', { lasts: 5 }), makeSpan('GET /', { ...entry, lasts: 50 })])
      expect(trace.root.spanId).toBe('GET /')
    })

    it('takes no span whose parent is missing within its own process', () => {
      const trace = joinTrace([makeSpan('inner', { parentSpanId: 'lost', lasts: 90 }), makeSpan('GET /', { ...entry, at: 5, lasts: 50 })])
      expect(trace.root.spanId).toBe('GET /')
    })

    it('compares clocks with the one of that entry', () => {
      const trace = joinTrace([
        ...makeSpans([
          'GET /',
          { ...entry, lasts: 100 },
          [['call', { ...call('orders'), at: 10, lasts: 50 }, [['GET /orders', { ...server, service: 'orders', at: 5_020, lasts: 30 }]]]],
        ]),
        makeSpan('cleanup', { service: 'orders', at: 5_200 }),
      ])
      expect(trace.clockOffsets).toEqual({ orders: -5_000 })
    })
  })

  it('finds nothing missing where only the caller of the whole trace is unknown', () => {
    const trace = joinTrace([makeSpan('GET /', { ...server, parentSpanId: 'browser', parentIsRemote: true })])
    expect([trace.state, trace.issues]).toEqual(['completed', []])
  })

  it('reads a parent id of zeros or nothing as none', () => {
    const trace = joinTrace([makeSpan('a', { parentSpanId: '0000000000000000' }), makeSpan('b', { parentSpanId: 'a' })])
    expect(trace.issues).toEqual([])
    expect(joinTrace([makeSpan('a', { parentSpanId: '' })]).issues).toEqual([])
  })
})

describe('duplicates', () => {
  it('leave the most complete span: finished, then longer, then with more to say', () => {
    const plain = makeSpan('a', { lasts: 5 })
    const longer = makeSpan('a', { lasts: 9 })
    const richer = makeSpan('a', { lasts: 9, attributes: { 'http.route': '/' } })
    const unfinished = makeSpan('a', { lasts: 50, attributes: { 'clew.unfinished': true } })
    for (const spans of [
      [plain, longer, richer, unfinished],
      [unfinished, richer, longer, plain],
    ]) {
      const trace = joinTrace(spans)
      expect(trace.spans).toEqual([richer])
      expect(listIssues(trace)).toEqual(['duplicate: `a` in api arrived more than once; the most complete one is shown'])
    }
  })

  it('are not what client and server are that share an id: the server hangs under the client', () => {
    const trace = joinTrace([
      makeSpan('shared', { ...server, service: 'orders', parentSpanId: 'root', at: 12, lasts: 30 }),
      makeSpan('query', { ...db('SELECT orders'), service: 'orders', parentSpanId: 'shared', at: 15, lasts: 5 }),
      makeSpan('root', { ...server, service: 'gateway', lasts: 60 }),
      makeSpan('shared', { ...call('orders'), service: 'gateway', parentSpanId: 'root', at: 10, lasts: 40 }),
      makeSpan('tls', { service: 'gateway', parentSpanId: 'shared', at: 10, lasts: 1 }),
    ])
    const way = [...traceTree(trace).nodes.values()].map(({ span, depth }) => `${depth} ${span.service} ${span.kind} ${span.spanId}`)
    expect(way).toEqual([
      '0 gateway server root',
      '1 gateway client shared',
      '2 gateway internal tls',
      '2 orders server shared',
      '3 orders client query',
    ])
    expect(trace.issues).toEqual([])
  })
})

describe('a segment whose parent is unknown', () => {
  const notify: Branch = ['POST /notify', { ...server, service: 'notifier', at: 30, lasts: 20 }]

  function joinWith(...calls: readonly Branch[]): Trace {
    return join(['GET /', { ...server, service: 'gateway', lasts: 100 }, calls], notify)
  }

  it('hangs under the call that encloses it, and is named', () => {
    const trace = joinWith(['legacy', { ...call('legacy.internal'), at: 20, lasts: 40 }])
    expect(trace.inferredParents).toEqual({ 'POST /notify': 'legacy' })
    expect(nodesById(trace).get('POST /notify')).toMatchObject({ place: 'inferred', depth: 2 })
    expect(listIssues(trace)).toEqual([
      'inferred-parent: `POST /notify` in notifier names no parent that was recorded; by its time it belongs to `GET legacy.internal` in gateway',
    ])
    expect(trace.state).toBe('completed')
  })

  it('does so too where its recorded parent is missing', () => {
    const trace = joinTrace([
      ...makeSpans(['GET /', { ...server, service: 'gateway', lasts: 100 }, [['legacy', { ...call('legacy'), at: 20, lasts: 40 }]]]),
      makeSpan('POST /notify', { ...server, service: 'notifier', parentSpanId: 'lost', parentIsRemote: true, at: 30, lasts: 20 }),
    ])
    expect(parentsById(trace)['POST /notify']).toBe('legacy')
    expect(trace.issues.map(({ kind }) => kind)).toEqual(['inferred-parent'])
  })

  it.each<[string, readonly Branch[], string | undefined]>([
    ['becomes one more root where no call encloses it', [['legacy', { ...call('legacy'), at: 20, lasts: 15 }]], undefined],
    [
      'is not hung under a call that was answered',
      [['orders', { ...call('orders'), at: 20, lasts: 40 }, [['GET /orders', { ...server, service: 'orders', at: 21, lasts: 30 }]]]],
      undefined,
    ],
    ['is not hung under a database call', [['select', { ...db('SELECT'), at: 20, lasts: 40 }]], undefined],
    ['is not hung under work that is no call', [['work', { at: 20, lasts: 40 }]], undefined],
    [
      'is not hung under either of two parallel calls',
      [
        ['one', { ...call('a'), at: 20, lasts: 40 }],
        ['two', { ...call('b'), at: 25, lasts: 45 }],
      ],
      undefined,
    ],
    [
      'is not hung under either of two equal calls',
      [
        ['one', { ...call('a'), at: 20, lasts: 40 }],
        ['two', { ...call('b'), at: 20, lasts: 40 }],
      ],
      undefined,
    ],
    [
      'takes the tighter of two calls of which one encloses the other',
      [
        ['wide', { ...call('a'), at: 10, lasts: 80 }],
        ['tight', { ...call('b'), at: 20, lasts: 40 }],
      ],
      'tight',
    ],
    [
      'takes the tighter of two calls that began together',
      [
        ['wide', { ...call('a'), at: 20, lasts: 70 }],
        ['tight', { ...call('b'), at: 20, lasts: 40 }],
      ],
      'tight',
    ],
    [
      'takes the free one of two calls',
      [
        ['busy', { ...call('a'), at: 20, lasts: 40 }, [['A', { ...server, service: 'a', at: 22, lasts: 30 }]]],
        ['free', { ...call('b'), at: 22, lasts: 40 }],
      ],
      'free',
    ],
    [
      'takes the inner one of a call within a call',
      [['sdk', { kind: 'client', name: 'S3.Get', at: 20, lasts: 40 }, [['http', { ...call('s3'), at: 20, lasts: 40 }]]]],
      'http',
    ],
    ['allows for a response that closed after it was read', [['legacy', { ...call('legacy'), at: 20, lasts: 22 }]], 'legacy'],
    ['allows for a millisecond between two clocks', [['legacy', { ...call('legacy'), at: 30.5, lasts: 40 }]], 'legacy'],
  ])('%s', (_, calls, parent) => {
    expect(parentsById(joinWith(...calls))['POST /notify']).toBe(parent)
  })

  it('is named as a further root where it stays one, in time order', () => {
    const trace = joinWith()
    expect(traceTree(trace).roots.map(({ span }) => span.spanId)).toEqual(['GET /', 'POST /notify'])
    expect(listIssues(trace)).toEqual(['multiple-roots: `POST /notify` in notifier has no parent although it is not the root'])
  })

  it('may be one of several behind one call, and lead on to the next', () => {
    const trace = join(
      ['GET /', { ...server, service: 'gateway', lasts: 100 }, [['legacy', { ...call('legacy'), at: 10, lasts: 80 }]]],
      ['first', { ...server, service: 'first', at: 15, lasts: 20 }],
      ['second', { ...server, service: 'second', at: 40, lasts: 40 }, [['legacy 2', { ...call('legacy 2'), at: 42, lasts: 30 }]]],
      ['third', { ...server, service: 'third', at: 45, lasts: 10 }],
    )
    expect(trace.inferredParents).toEqual({ first: 'legacy', second: 'legacy', third: 'legacy 2' })
  })

  it('is never hung under itself', () => {
    const trace = join(
      ['GET /', { ...server, service: 'gateway', lasts: 10 }],
      ['odd', { ...server, service: 'odd', at: 20, lasts: 10 }, [['own', { ...call('legacy'), at: 15, lasts: 30 }]]],
    )
    expect(trace.inferredParents).toEqual({})
  })

  it('is not a message that was taken: those are taken at any time', () => {
    const trace = join(
      ['GET /', { ...server, service: 'gateway', lasts: 100 }, [['legacy', { ...call('legacy'), at: 20, lasts: 40 }]]],
      ['process', { kind: 'consumer', service: 'worker', at: 30, lasts: 5 }],
    )
    expect(trace.inferredParents).toEqual({})
  })

  it('is not hung under a call of its own service where it did not begin with a request', () => {
    const trace = join(
      ['GET /', { ...server, service: 'gateway', lasts: 100 }, [['legacy', { ...call('legacy'), at: 20, lasts: 40 }]]],
      ['stray', { service: 'gateway', at: 30, lasts: 5 }],
    )
    expect(trace.inferredParents).toEqual({})
  })

  it('gives way to a root with a missing caller that encloses it', () => {
    const trace = joinTrace([
      ...makeSpans([
        'GET /',
        { ...server, service: 'gateway', parentSpanId: 'browser', parentIsRemote: true, lasts: 100 },
        [['legacy', { ...call('legacy'), at: 20, lasts: 40 }]],
      ]),
      ...makeSpans(notify),
    ])
    expect(trace.root.spanId).toBe('GET /')
    expect(trace.inferredParents).toEqual({ 'POST /notify': 'legacy' })
  })

  it('is found by the corrected time of a service whose clock differs', () => {
    const trace = join(
      [
        'GET /',
        { ...server, service: 'gateway', lasts: 100 },
        [
          [
            'call',
            { ...call('orders'), at: 10, lasts: 80 },
            [
              [
                'GET /orders',
                { ...server, service: 'orders', at: 5015, lasts: 70 },
                [['legacy', { ...call('legacy'), at: 5020, lasts: 50 }]],
              ],
            ],
          ],
        ],
      ],
      ['POST /notify', { ...server, service: 'notifier', at: 25, lasts: 30 }],
    )
    expect(trace.inferredParents).toEqual({ 'POST /notify': 'legacy' })
  })
})

describe('under a root that has not ended', () => {
  it('nothing is late', () => {
    const trace = join([
      'GET /',
      { ...server, lasts: 0, attributes: { 'clew.unfinished': true } },
      [['select', { ...db('SELECT a'), at: 40, lasts: 10 }]],
    ])
    expect([trace.state, trace.issues.map(({ kind }) => kind)]).toEqual(['running', ['unfinished']])
  })
})

describe('a clock that differs', () => {
  it('is told against the clock of the root, not of a caller that is as wrong', () => {
    const trace = join([
      'GET /',
      { ...server, service: 'gateway', lasts: 1_000 },
      [
        [
          'call a',
          { ...call('a'), at: 100, lasts: 800 },
          [
            [
              'GET /a',
              { ...server, service: 'a', at: -4_850, lasts: 700 },
              [['call b', { ...call('b'), at: -4_800, lasts: 500 }, [['GET /b', { ...server, service: 'b', at: -4_790, lasts: 450 }]]]],
            ],
          ],
        ],
      ],
    ])
    expect(trace.clockOffsets).toEqual({ a: 5_000, b: 5_000 })
    expect(trace.issues.map(({ message }) => message)).toEqual([
      'The clock of a is 5,000 ms behind that of gateway; its spans are shown shifted',
      'The clock of b is 5,000 ms behind that of gateway; its spans are shown shifted',
    ])
  })

  it('of a process without an instance id is not laid upon an instance that is right', () => {
    const called = (name: string, at: number, plan: object): Branch => [
      `call ${name}`,
      { ...call('a'), at, lasts: 400 },
      [[name, { ...server, service: 'a', lasts: 380, ...plan }]],
    ]
    const trace = join([
      'GET /',
      { ...server, service: 'gateway', lasts: 1_000 },
      [called('wrong', 10, { at: 20 - 9_000 }), called('right', 500, { at: 510, instance: 'i2' })],
    ])
    expect(trace.clockOffsets).toEqual({ a: 9_000 })
    expect(['wrong', 'right'].map((id) => nodesById(trace).get(id)?.startTime)).toEqual([T0 + 20, T0 + 510])
  })

  function joinCall(at: number, lasts: number, below: readonly Branch[] = []): Trace {
    return join([
      'GET /',
      { ...server, service: 'gateway', lasts: 100 },
      [['call', { ...call('orders'), at: 10, lasts: 80 }, [['GET /orders', { ...server, service: 'orders', at, lasts }, below]]]],
    ])
  }

  it.each([
    ['behind', -4985, 60, 5005],
    ['ahead', 5015, 60, -4995],
    ['a little behind, so that the server begins before its client', 5, 60, 15],
    ['a little ahead, so that the server begins after its client has ended', 95, 60, -75],
    ['behind, with a server that outlasts its client, whose starts are laid upon each other', -1000, 200, 1010],
  ])('is found: %s', (_, at, lasts, offset) => {
    const trace = joinCall(at, lasts)
    expect(trace.clockOffsets).toEqual({ orders: offset })
    expect(nodesById(trace).get('GET /orders')?.startTime).toBe(T0 + at + offset)
    expect(trace.spans.find(({ service }) => service === 'orders')?.startTime).toBe(T0 + at)
    expect(trace.issues).toMatchObject([{ kind: 'clock-skew', spanIds: ['GET /orders'], evidence: { clock: 'orders', offsetMs: offset } }])
  })

  it.each([
    ['a server that fits', 15, 70],
    ['jitter below a millisecond', 9.2, 60],
    ['a response that streams on after its head', 15, 500],
    ['a response that ends a little after its head', 15, 78],
    ['a response that closes late on a busy machine', 60, 60],
  ])('is not found in %s', (_, at, lasts) => {
    expect(joinCall(at, lasts)).toMatchObject({ clockOffsets: {}, issues: [] })
  })

  it('is shown in how far the offset can be trusted', () => {
    expect(joinCall(-4985, 60).issues[0]?.evidence).toMatchObject({ offsetMs: 5005, uncertaintyMs: 10 })
  })

  it('shifts everything that its service recorded', () => {
    const trace = joinCall(-985, 60, [['select', { ...db('SELECT'), at: -980, lasts: 5 }]])
    expect(nodesById(trace).get('select')?.startTime).toBe(T0 + 25)
    expect(trace).toMatchObject({ startTime: T0, totalDuration: 100 })
  })

  it('is carried on to the services behind it, which may share it or not', () => {
    const behind = (at: number): Branch => [
      'call 2',
      { ...call('stock'), at: -970, lasts: 30 },
      [['GET /stock', { ...server, service: 'stock', at, lasts: 20 }]],
    ]
    expect(joinCall(-985, 60, [behind(-965)]).clockOffsets).toEqual({ orders: 1005, stock: 1005 })
    expect(joinCall(-985, 60, [behind(40)]).clockOffsets).toEqual({ orders: 1005 })
  })

  it('is each instance’s own, where several took part', () => {
    const trace = join([
      'GET /',
      { ...server, service: 'gateway', lasts: 100 },
      [
        [
          'call 1',
          { ...call('orders'), at: 10, lasts: 30 },
          [['good', { ...server, service: 'orders', instance: 'one', at: 15, lasts: 20 }]],
        ],
        [
          'call 2',
          { ...call('orders'), at: 50, lasts: 30 },
          [['bad', { ...server, service: 'orders', instance: 'two', at: 955, lasts: 20 }]],
        ],
      ],
    ])
    expect(trace.clockOffsets).toEqual({ 'orders@two': -900 })
    expect(nodesById(trace).get('good')?.startTime).toBe(T0 + 15)
    expect(nodesById(trace).get('bad')?.startTime).toBe(T0 + 55)
  })

  it('is not concluded from one call that contradicts the others', () => {
    const good = (index: number): Branch => [
      `call ${index}`,
      { ...call('orders'), at: index * 10, lasts: 8 },
      [[`good ${index}`, { ...server, service: 'orders', at: index * 10 + 1, lasts: 6 }]],
    ]
    const trace = join([
      'GET /',
      { ...server, service: 'gateway', lasts: 100 },
      [
        good(1),
        good(2),
        good(3),
        ['call', { ...call('orders'), at: 50, lasts: 8 }, [['odd', { ...server, service: 'orders', at: 90, lasts: 6 }]]],
      ],
    ])
    expect(trace.clockOffsets).toEqual({})
  })

  it('is never concluded from messages', () => {
    const trace = join([
      'GET /',
      { ...server, service: 'gateway', lasts: 100 },
      [['send', { kind: 'producer', at: 10, lasts: 2 }, [['process', { kind: 'consumer', service: 'worker', at: 9000, lasts: 5 }]]]],
    ])
    expect(trace).toMatchObject({ clockOffsets: {}, issues: [] })
  })

  it('may belong to a service with any name', () => {
    const trace = join([
      'GET /',
      { ...server, service: 'constructor', lasts: 100 },
      [['call', { ...call('x'), at: 10, lasts: 80 }, [['x', { ...server, service: '__proto__', at: -1000, lasts: 60 }]]]],
    ])
    expect(Object.entries(trace.clockOffsets)).toEqual([['__proto__', 1020]])
    expect(nodesById(trace).get('x')?.startTime).toBe(T0 + 20)
    expect(trace.services.map(({ name }) => name)).toEqual(['__proto__', 'constructor'])
  })
})

describe('odd data', () => {
  it('does not make a circle of parents endless: the first span is shown as a root', () => {
    const trace = joinTrace([
      makeSpan('a', { parentSpanId: 'c', at: 1, lasts: 5 }),
      makeSpan('b', { parentSpanId: 'a', at: 2 }),
      makeSpan('c', { parentSpanId: 'b', at: 3 }),
      makeSpan('d', { parentSpanId: 'b', at: 4 }),
    ])
    expect(parentsById(trace)).toEqual({ a: undefined, b: 'a', c: 'b', d: 'b' })
    expect(listIssues(trace)).toEqual(["cycle: 3 spans are each other's ancestors; the first, `a` in api, is shown as a root"])
    expect(trace.issues[0]?.spanIds).toEqual(['a', 'b', 'c'])
  })

  it('cuts a span that is its own parent', () => {
    expect(listIssues(joinTrace([makeSpan('a', { parentSpanId: 'a' })]))).toEqual([
      'cycle: `a` in api is its own parent; it is shown as a root',
    ])
  })

  it('places spans whose times are none, and says so', () => {
    const trace = joinTrace([
      makeSpan('root', { lasts: 100 }),
      { ...makeSpan('no start', { parentSpanId: 'root', lasts: 5 }), startTime: Number.NaN },
      { ...makeSpan('no end', { parentSpanId: 'root', at: 10 }), duration: Number.NaN },
      makeSpan('backwards', { parentSpanId: 'root', at: 20, lasts: -5 }),
      { ...makeSpan('endless', { parentSpanId: 'root', at: 30 }), duration: Infinity },
    ])
    const places = [...nodesById(trace).values()].map(({ span, startTime, duration }) => `${span.spanId} ${startTime - T0}+${duration}`)
    expect(places).toEqual(['root 0+100', 'no start 0+5', 'no end 10+0', 'backwards 20+0', 'endless 30+0'])
    expect(trace).toMatchObject({ duration: 100, totalDuration: 100 })
    expect(trace.issues.map(({ kind, evidence }) => [kind, evidence['count']])).toEqual([['invalid-time', 4]])
  })

  it('joins a trace without any time at all', () => {
    const spans = ['a', 'b'].map((id) => ({ ...makeSpan(id), startTime: Number.NaN, duration: Number.NaN }))
    expect(joinTrace(spans)).toMatchObject({ startTime: 0, duration: 0, totalDuration: 0 })
  })

  it('names work that began after the end of the root, but not messages that were taken', () => {
    const trace = join([
      'GET /',
      { ...server, lasts: 10 },
      [
        ['audit', { at: 15, lasts: 5 }],
        ['flagged', { at: 9, lasts: 5, attributes: { 'clew.after_root': true } }],
        [
          'send',
          { kind: 'producer', at: 2, lasts: 2 },
          [['process', { kind: 'consumer', service: 'worker', at: 50, lasts: 9 }, [['select', { at: 51, lasts: 2 }]]]],
        ],
      ],
    ])
    expect(trace.issues).toMatchObject([{ kind: 'late', message: '2 spans began after the root had ended', spanIds: ['flagged', 'audit'] }])
  })

  it('counts more spans than it lists', () => {
    const trace = joinTrace([
      makeSpan('root'),
      ...Array.from({ length: 150 }, (_, index) => makeSpan(`s${index}`, { parentSpanId: 'gone', at: index })),
    ])
    expect(trace.issues[0]).toMatchObject({ message: 'The parents of 150 spans were not recorded', evidence: { count: 150 } })
    expect(trace.issues[0]?.spanIds).toHaveLength(100)
  })
})

describe('a trace of which a process kept only a part', () => {
  it.each([
    ['too many were kept', { 'clew.cut': true }],
    ['the recorder had forgotten it', { 'clew.incomplete': 'recorder window passed' }],
    ['there were too many spans', { 'clew.dropped_spans': 7 }],
  ])('says so where %s', (_why, attributes) => {
    const trace = join(['root', {}, [['call', { service: 'orders', parentIsRemote: true, attributes }, [['failed', { attributes }]]]]])
    const issue = trace.issues.find(({ kind }) => kind === 'incomplete')
    expect(issue?.spanIds).toContain('call')
    expect(issue?.message).toMatch(/^Of what belongs to .* not everything was kept$/)
    expect(analyzeTrace(trace).findings.some(({ kind, evidence }) => kind === 'incomplete' && evidence['issue'] === 'incomplete')).toBe(
      true,
    )
  })
})

describe('the state', () => {
  const unfinished = { attributes: { 'clew.unfinished': true } }
  const taken: Branch = ['process', { kind: 'consumer', service: 'worker', at: 5, lasts: 5 }]

  it.each<[TraceState, string, Branch]>([
    ['completed', 'when all is well', ['root', {}, [['a', {}]]]],
    ['completed', 'when an error was handled', ['root', {}, [['a', { status: 'error' }]]]],
    ['failed', 'when the root failed', ['root', { status: 'error' }, [['a', unfinished]]]],
    [
      'failed',
      'when a consumer failed',
      ['root', {}, [['send', { kind: 'producer' }, [['process', { kind: 'consumer', service: 'worker', status: 'error' }]]]]],
    ],
    ['running', 'while the root is unfinished', ['root', { ...unfinished, status: 'error' }, [['a', {}]]]],
    ['responded', 'while a span below is unfinished', ['root', {}, [['a', unfinished]]]],
    ['responded', 'while a parent is missing', ['root', {}, [['a', { parentSpanId: 'gone' }]]]],
    ['queued', 'while nobody has taken a message', ['root', {}, [['send', { kind: 'producer' }]]]],
    ['completed', 'when a message was taken', ['root', {}, [['send', { kind: 'producer' }, [taken]]]]],
  ])('is %s %s', (state, _, branch) => {
    expect(join(branch).state).toBe(state)
  })

  it('is completed when a consumer links to its producer', () => {
    const link = { traceId: TRACE_ID, spanId: 'send', attributes: {} }
    expect(
      join(['root', {}, [['send', { kind: 'producer' }]]], ['process', { kind: 'consumer', service: 'worker', at: 5, links: [link] }])
        .state,
    ).toBe('completed')
  })
})
