import { afterEach, describe, expect, it } from 'vitest'
import { resetDefaultTracer } from '../src/default-tracer.js'
import type { TracerOptions } from '../src/options.js'
import { continueTrace, inject } from '../src/trace-api.js'
import { parseTraceparent } from '../src/traceparent.js'
import { defaultTestTracer } from './support.js'

// W3C Trace Context Level 2, https://www.w3.org/TR/trace-context-2/: what goes in on one side of a service and comes out on the other.

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
const SPAN = '00f067aa0ba902b7'
const RECEIVED = `00-${TRACE}-${SPAN}-01`

type Carrier = Record<string, string | string[]>

interface Sent {
  readonly headers: Record<string, string>
  readonly traceparent: { readonly traceId: string; readonly spanId: string; readonly flags: number } | undefined
}

/** Passes a message through a service that participates in the trace, and returns what it sends. */
async function pass(carrier: Carrier, options: TracerOptions = {}): Promise<Sent> {
  await using _owned = defaultTestTracer(options)
  const headers = continueTrace(carrier, 'pass', () => inject<Record<string, string>>({}))
  return { headers, traceparent: parseTraceparent(headers['traceparent'] ?? '') }
}

afterEach(() => resetDefaultTracer())

describe('3.2 Traceparent Header', () => {
  it('3.2.1: the name is expected in any case, and sent in lower case', async () => {
    for (const name of ['traceparent', 'TraceParent', 'TRACEPARENT']) {
      const { headers, traceparent } = await pass({ [name]: RECEIVED })
      expect(traceparent?.traceId).toBe(TRACE)
      expect(Object.keys(headers)).toContain('traceparent')
    }
  })

  it('3.2.2.1: version 00 is sent', async () => {
    expect((await pass({ traceparent: RECEIVED })).headers['traceparent']).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-0[0-3]$/)
  })

  it.each([
    ['3.2.2.1: version ff', `ff-${TRACE}-${SPAN}-01`],
    ['3.2.2.2: version 00 with more fields', `${RECEIVED}-00`],
    ['3.2.2.3: an all-zero trace-id', `00-${'0'.repeat(32)}-${SPAN}-01`],
    ['3.2.2.3: a trace-id with characters that are not allowed', `00-${TRACE.replace('4', 'A')}-${SPAN}-01`],
    ['3.2.2.4: an all-zero parent-id', `00-${TRACE}-${'0'.repeat(16)}-01`],
    ['3.2.2.4: a parent-id that is not lower-case hex', `00-${TRACE}-${SPAN.toUpperCase()}-01`],
    ['3.2.4: a version prefix that cannot be parsed', `0-${TRACE}-${SPAN}-01`],
    ['3.2.4: a higher version of less than 55 characters', `01-${TRACE}-${SPAN}-0`],
    ['3.2.4: a higher version with something else than a dash after its flags', `01-${TRACE}-${SPAN}-01x`],
  ])('%s is ignored, and a new trace begins', async (_rule, header) => {
    const { headers, traceparent } = await pass({ traceparent: header, tracestate: 'rojo=1' })
    expect(traceparent).toBeDefined()
    expect(traceparent?.traceId).not.toBe(TRACE)
    expect(headers).not.toHaveProperty('tracestate')
  })

  it('3.2.2.5: flags are a bit field, so that other bits do not hide them', async () => {
    expect((await pass({ traceparent: `00-${TRACE}-${SPAN}-09` })).traceparent?.flags).toBe(1)
    expect((await pass({ traceparent: `00-${TRACE}-${SPAN}-08` })).traceparent?.flags).toBe(0)
  })

  it('3.2.2.5.1: the sampled flag of the caller is respected', async () => {
    for (const flags of [0, 1]) expect((await pass({ traceparent: `00-${TRACE}-${SPAN}-0${flags}` })).traceparent?.flags).toBe(flags)
  })

  it('3.2.2.5.2: the random flag travels with its trace-id, and is not set where it was not received', async () => {
    for (const flags of [0, 1, 2, 3]) expect((await pass({ traceparent: `00-${TRACE}-${SPAN}-0${flags}` })).traceparent?.flags).toBe(flags)
  })

  it('3.2.2.5.2: a new trace sets the random flag, as all of its trace-id is random', async () => {
    const ids = new Set<string>()
    for (let index = 0; index < 20; index++) {
      const { traceparent } = await pass({})
      expect((traceparent?.flags ?? 0) & 2).toBe(2)
      ids.add(traceparent?.traceId.slice(-14) ?? '')
    }
    expect(ids.size).toBe(20)
  })

  it('3.2.2.5.3: other flags are set to zero', async () => {
    expect((await pass({ traceparent: `00-${TRACE}-${SPAN}-fc` })).headers['traceparent']).toMatch(/-00$/)
    expect((await pass({ traceparent: `00-${TRACE}-${SPAN}-ff` })).headers['traceparent']).toMatch(/-03$/)
  })

  it('3.2.4: a higher version is read by the rules of version 00 and sent as version 00', async () => {
    for (const header of [`01-${TRACE}-${SPAN}-01`, `fe-${TRACE}-${SPAN}-01-`, `cc-${TRACE}-${SPAN}-01-more-fields`]) {
      const { headers, traceparent } = await pass({ traceparent: header, tracestate: 'rojo=1' })
      expect(headers['traceparent']).toMatch(/^00-/)
      expect(traceparent).toMatchObject({ traceId: TRACE, flags: 1 })
      // 3.3.3: the list is read to the best of one's ability there too.
      expect(headers['tracestate']).toBe('rojo=1')
    }
  })
})

describe('3.3 Tracestate Header', () => {
  const state = async (tracestate: string | string[]): Promise<string | undefined> =>
    (await pass({ traceparent: RECEIVED, tracestate })).headers['tracestate']

  it('3.3: a list that cannot be parsed does not affect traceparent', async () => {
    const { headers, traceparent } = await pass({ traceparent: RECEIVED, tracestate: 'Rojo=1' })
    expect(traceparent?.traceId).toBe(TRACE)
    expect(headers).not.toHaveProperty('tracestate')
  })

  it('3.3.1: the name is expected in any case, and sent in lower case', async () => {
    expect((await pass({ traceparent: RECEIVED, TraceState: 'rojo=1' })).headers).toHaveProperty('tracestate', 'rojo=1')
  })

  it('3.3.1.1: several headers are combined in their order, and sent as one', async () => {
    expect(await state(['rojo=1', 'congo=2,other=3'])).toBe('rojo=1,congo=2,other=3')
  })

  it('3.3.1.1: empty headers and members are accepted, and not sent', async () => {
    expect(await state('')).toBeUndefined()
    expect(await state(['', 'rojo=1', ' ', 'congo=2'])).toBe('rojo=1,congo=2')
  })

  it('3.3.1.1: 32 members travel, 33 do not', async () => {
    const members = (count: number): string => Array.from({ length: count }, (_, index) => `k${index}=v`).join(',')
    expect(await state(members(32))).toBe(members(32))
    expect(await state(members(33))).toBeUndefined()
  })

  it('3.3.1.3: keys and values travel as they are, leading spaces of a value included', async () => {
    expect(await state('0a_-*/@z=  x y!~ ,congo=1')).toBe('0a_-*/@z=  x y!~,congo=1')
  })

  it.each([
    ['3.3.1.3.1: a key of 256 characters', `${'a'.repeat(256)}=1`],
    ['3.3.1.3.1: a key that begins with a digit', '1a=1'],
    ['3.3.1.3.1: a key of a tenant and a system', 'tenant@system=1'],
    ['3.3.1.3.2: a value of 256 characters', `a=${'!'.repeat(256)}`],
    ['3.3.1.3.2: a value of every character that is allowed', 'a= !"#$%&\'()*+-./09:;<>?@AZ[\\]^_`az{|}~'],
  ])('%s travels', async (_rule, list) => {
    expect(await state(list)).toBe(list)
  })

  it.each([
    ['3.3.1.3.1: a key of 257 characters', `${'a'.repeat(257)}=1`],
    ['3.3.1.3.1: an upper-case key', 'aB=1'],
    ['3.3.1.3.1: a key that begins with punctuation', '_a=1'],
    ['3.3.1.3.1: an empty key', '=1'],
    ['3.3.1.3.1: a key and a space', 'a =1'],
    ['3.3.1.3.2: a value of 257 characters', `a=${'x'.repeat(257)}`],
    ['3.3.1.3.2: an empty value', 'a='],
    ['3.3.1.3.2: a value with an equals sign', 'a=b=c'],
    ['3.3.1.3.2: a value with a control character', 'a=b\tc'],
    ['3.3.1.3.2: a value beyond ASCII', 'a=\u00e9'],
    ['3.3.1.2: a member that is no pair', 'rojo=1,congo'],
  ])('%s makes the list invalid, and it is dropped whole', async (_rule, list) => {
    expect(await state(`${list},rojo=2`)).toBeUndefined()
  })

  it('3.3.1.2: spaces and tabs around members are no part of them', async () => {
    expect(await state(' \trojo=1\t , congo=2 ')).toBe('rojo=1,congo=2')
  })

  it('3.3.1.4: a key may be there once only', async () => {
    expect(await state('congo=1,rojo=1,congo=2')).toBeUndefined()
  })

  it('3.3.1.5: 512 characters travel, and more', async () => {
    for (const count of [16, 31]) {
      const list = Array.from({ length: count }, (_, index) => `key${index}=${'x'.repeat(40)}`).join(',')
      expect(list.length).toBeGreaterThan(512)
      expect(await state(list)).toBe(list)
    }
  })
})

describe('3.4 Mutating the traceparent Field, 3.5 Mutating the tracestate Field', () => {
  it('3.4: the trace-id stays, the parent-id is that of the current operation', async () => {
    const first = (await pass({ traceparent: RECEIVED })).traceparent
    const second = (await pass({ traceparent: RECEIVED })).traceparent
    expect(first?.traceId).toBe(TRACE)
    expect(new Set([SPAN, first?.spanId, second?.spanId]).size).toBe(3)
  })

  it('3.4: the sampled flag changes together with the parent-id alone', async () => {
    const { traceparent } = await pass({ traceparent: RECEIVED }, { propagation: { trust: 'accept' }, sampling: { rate: 0 } })
    expect(traceparent).toMatchObject({ traceId: TRACE, flags: 0 })
    expect(traceparent?.spanId).not.toBe(SPAN)
  })

  it('3.4: a restart makes all properties anew and cleans tracestate up', async () => {
    const { headers, traceparent } = await pass({ traceparent: RECEIVED, tracestate: 'rojo=1' }, { propagation: { trust: 'restart' } })
    expect(traceparent?.traceId).not.toBe(TRACE)
    expect(traceparent?.spanId).not.toBe(SPAN)
    expect(headers).not.toHaveProperty('tracestate')
  })

  it('3.5: tracestate is sent on, in its order', async () => {
    const list = 'rojo=00f067aa0ba902b7,congo=t61rcWkgMzE,a=b'
    expect((await pass({ traceparent: RECEIVED, tracestate: list })).headers['tracestate']).toBe(list)
  })

  it('3.5: a member that is changed goes first and is there once; the others keep their order', async () => {
    const options: TracerOptions = { propagation: { trust: 'accept' }, sampling: { sampler: () => 0.5 } }
    const { headers } = await pass({ traceparent: RECEIVED, tracestate: 'rojo=1,ot=th:c;rv:ffffffffffffff,congo=2' }, options)
    expect(headers['tracestate']).toBe('ot=th:8;rv:ffffffffffffff,rojo=1,congo=2')
  })

  it('3.5: where a member is added to a full list the last one goes', async () => {
    const options: TracerOptions = { propagation: { trust: 'accept' }, sampling: { sampler: () => 0.5 } }
    const members = Array.from({ length: 32 }, (_, index) => `k${index}=v`)
    const random = `00-${'f'.repeat(32)}-${SPAN}-03`
    const { headers } = await pass({ traceparent: random, tracestate: members.join(',') }, options)
    expect(headers['tracestate']).toBe(['ot=th:8', ...members.slice(0, 31)].join(','))
  })
})

describe('4 Processing Model', () => {
  it('no traceparent received: a trace begins, and a tracestate alone is discarded', async () => {
    const { headers, traceparent } = await pass({ tracestate: 'rojo=1' })
    expect(traceparent).toBeDefined()
    expect(headers).not.toHaveProperty('tracestate')
  })

  it.each([
    ['several equal ones', [RECEIVED, RECEIVED]],
    ['several that differ', [RECEIVED, RECEIVED.replace('-01', '-00')]],
    ['two that were folded into one', `${RECEIVED}, ${RECEIVED}`],
    ['one with white space inside', RECEIVED.replace('-', ' -')],
  ])('a traceparent received that is invalid (%s): a new one, and no entry of tracestate', async (_kind, traceparent) => {
    const sent = await pass({ traceparent, tracestate: 'rojo=1' })
    expect(sent.traceparent).toBeDefined()
    expect(sent.traceparent?.traceId).not.toBe(TRACE)
    expect(sent.headers).not.toHaveProperty('tracestate')
  })
})
