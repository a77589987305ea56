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
    ['nothing', undefined, { type: 'undefined', message: 'undefined' }],
    ['null', null, { type: 'null', message: 'null' }],
    ['a symbol', Symbol('s'), { type: 'symbol', message: 'Symbol(s)' }],
    ['an object without a prototype', Object.create(null), { type: 'Error', message: '' }],
    ['a message that cannot be text', { message: Object.create(null) }, { message: '[unreadable]' }],
  ])('reads %s', (_name, thrown, expected) => {
    expect(readException(thrown, 4096)).toMatchObject(expected)
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
