import { describeError, isFailed, spanError } from '@clew/analysis'
import type { SpanError } from '@clew/analysis'
import { describe, expect, it } from 'vitest'
import { makeSpan, thrown } from './support/span-factory.js'
import type { SpanPlan } from './support/span-factory.js'

describe('isFailed', () => {
  it.each<[boolean, SpanPlan]>([
    [true, { status: 'error' }],
    [false, { status: 'unset' }],
    [true, { attributes: { error: true } }],
    [true, { attributes: { error: 'connection refused' } }],
    [false, { attributes: { error: 'false' } }],
    [false, { status: 'ok', attributes: { error: true } }],
  ])('is %s for %j', (expected, plan) => {
    expect(isFailed(makeSpan('a', plan))).toBe(expected)
  })
})

describe('spanError', () => {
  it.each<[SpanError | undefined, SpanPlan]>([
    [undefined, { attributes: { 'error.type': 'Ignored' } }],
    [{}, { status: 'error' }],
    [{ type: 'CardError', message: 'declined' }, thrown('CardError', 'declined')],
    [
      { type: 'CardError', message: 'declined' },
      { ...thrown('CardError', 'declined'), attributes: { 'error.type': '500' }, statusMessage: 'failed' },
    ],
    [
      { type: 'ECONNREFUSED', message: 'no' },
      { ...thrown('Error', 'no'), attributes: { 'error.type': 'ECONNREFUSED' } },
    ],
    [
      { type: 'TimeoutError', message: 'gave up' },
      { status: 'error', statusMessage: 'gave up', attributes: { 'error.type': 'TimeoutError' } },
    ],
    [{ type: '503' }, { status: 'error', attributes: { 'http.status_code': 503 } }],
    [{ message: 'out of stock' }, { attributes: { error: 'out of stock' } }],
    [
      { type: 'E', message: 'old' },
      { status: 'error', attributes: { 'exception.type': 'E', 'error.message': 'old' } },
    ],
  ])('is %j for %j', (expected, plan) => {
    expect(spanError(makeSpan('a', plan))).toEqual(expected)
  })
})

describe('describeError', () => {
  it.each<[string | undefined, SpanPlan]>([
    [undefined, { attributes: { 'error.type': 'Ignored' } }],
    ['failed', { status: 'error' }],
    ['failed', { status: 'error', statusMessage: ' ' }],
    ['CardError: card declined', thrown('CardError', 'card declined\nby the bank')],
    ['CardError: declined', { status: 'error', statusMessage: 'CardError: declined', attributes: { 'error.type': 'CardError' } }],
    ['HTTP 503', { status: 'error', attributes: { 'http.status_code': 503 } }],
    ['HTTP 503: no healthy upstream', { status: 'error', statusMessage: 'no healthy upstream', attributes: { 'error.type': '503' } }],
    ['out of stock', { attributes: { error: 'out of stock' } }],
  ])('is %j for %j', (expected, plan) => {
    expect(describeError(makeSpan('a', plan))).toBe(expected)
  })

  it('is one line of bounded length, whatever was recorded', () => {
    const text = describeError(makeSpan('a', thrown(`E\n${'x'.repeat(500)}`, `${'y'.repeat(500)}\nz`)))
    expect(text).toBe(`E: ${'y'.repeat(199)}…`)
  })
})
