import { describe, expect, it } from 'vitest'
import { isRecorded, markRecorded, readException } from '../src/exception.js'

describe('readException', () => {
  class PaymentError extends Error {
    override name = 'PaymentError'
  }

  it.each([
    ['an error', new TypeError('t'), { type: 'TypeError', message: 't', errorType: 'TypeError' }],
    ['an own class', new PaymentError('p'), { type: 'PaymentError', message: 'p', errorType: 'PaymentError' }],
    [
      'a class without a name of its own',
      new (class CardError extends Error {})('c'),
      { type: 'CardError', message: 'c', errorType: 'CardError' },
    ],
    ['a system error', Object.assign(new Error('e'), { code: 'ENOENT' }), { type: 'Error', message: 'e', errorType: 'ENOENT' }],
    ['a code of another kind', Object.assign(new Error('e'), { code: 23505 }), { errorType: 'Error' }],
    ['a text', 'plain', { type: 'string', message: 'plain', errorType: 'string' }],
    ['nothing', undefined, { type: 'undefined', message: 'undefined was thrown' }],
    ['null', null, { type: 'null', message: 'null was thrown' }],
    ['a symbol', Symbol('s'), { type: 'symbol', message: 'Symbol(s)' }],
    ['an object without a prototype', Object.create(null), { type: 'Error', message: '' }],
    ['a message that cannot be text', { message: Object.create(null) }, { message: '[unreadable]' }],
  ])('reads %s', (_name, thrown, expected) => {
    expect(readException(thrown, 4096)).toMatchObject(expected)
  })

  it('reads the errors of an aggregate, and says what they say where it says nothing', () => {
    const errors = [new Error('first'), new TypeError('second', { cause: new Error('deeper') }), 'third']
    const info = readException(new AggregateError(errors), 4096)
    expect(info).toMatchObject({ type: 'AggregateError', message: 'first; second; third' })
    expect(info.stacktrace).toMatch(
      /^AggregateError[\s\S]*\n1 of 3: Error: first[\s\S]*\n2 of 3: TypeError: second[\s\S]*\nCaused by: Error: deeper/,
    )
    expect(readException(new AggregateError(errors, 'all failed'), 4096).message).toBe('all failed')
    expect(readException(new Error('outer', { cause: new AggregateError(errors) }), 4096).stacktrace).toMatch(/Caused by: Agg[\s\S]*1 of 3/)
  })

  it('reads some of the errors of a huge aggregate, and survives hostile ones', () => {
    const errors = Array.from({ length: 10_000 }, (_, index) => Object.assign(new Error(`e${index}`), { stack: `stack ${index}` }))
    const { message, stacktrace } = readException(new AggregateError(errors), 1_000_000)
    expect([message, stacktrace?.match(/^\d+ of 10000: stack/gm)?.length]).toEqual(['e0; e1; e2; e3; e4', 5])
    const revoked = Proxy.revocable([], {})
    revoked.revoke()
    const aggregate = new AggregateError([], 'a')
    aggregate.errors = [aggregate, { errors: [aggregate] }]
    expect(readException(aggregate, 4096).message).toBe('a')
    expect(readException({ message: 'b', errors: revoked.proxy }, 4096).message).toBe('b')
  })

  it('ends with a chain of causes that bites its tail', () => {
    const error = new Error('a')
    error.cause = new Error('b', { cause: error })
    expect(readException(error, 4096).stacktrace?.match(/Caused by/g)).toHaveLength(1)
  })

  it('cuts what is too long', () => {
    const { message, stacktrace } = readException(new Error('m'.repeat(10_000)), 100)
    expect([message.length, stacktrace?.length]).toEqual([100, 100])
  })
})

describe('markRecorded', () => {
  it('is true once per error and trace', () => {
    const error = new Error('a')
    expect([
      markRecorded(error, 't1'),
      markRecorded(error, 't1'),
      isRecorded(error, 't1'),
      isRecorded(error, 't2'),
      markRecorded(error, 't2'),
    ]).toEqual([true, false, true, false, true])
    expect([markRecorded('text', 't1'), markRecorded('text', 't1'), isRecorded('text', 't1')]).toEqual([true, true, false])
  })
})
