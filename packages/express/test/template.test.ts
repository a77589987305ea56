import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { choosePath, inferTemplate, isPlausible, joinTemplates } from '../src/template.js'

const exact = (template: string): { template: string; inferred: boolean } => ({ template, inferred: false })
const guessed = (template: string): { template: string; inferred: boolean } => ({ template, inferred: true })

describe('inferTemplate', () => {
  test.each([
    ['/users', {}, '/users'],
    ['/users/7', { id: '7' }, '/users/:id'],
    ['/a/1/b/1', { a: '1', b: '1' }, '/a/:a/b/:b'],
    ['/users/a%20b', { name: 'a b' }, '/users/:name'],
    ['/from/a-b', { from: 'a', to: 'b' }, '/from/:from-:to'],
    ['/v2/users', { version: '2' }, '/v:version/users'],
    ['/files/x/y', { path: ['x', 'y'] }, '/files/*path'],
    ['/files/x/y', { 0: 'x/y' }, '/files/*'],
    ['/users', { id: undefined }, '/users'],
  ])('puts names in the place of values: %s with %o', (path, params, template) => {
    expect(inferTemplate(path, params)).toEqual(exact(template))
  })

  test.each([
    ['/a/a', { id: 'a' }, '/:id/a'],
    ['/a/1/b/1', { id: '1' }, '/a/:id/b/1'],
    ['/users/7', { id: 'changed' }, '/users/7'],
  ])('says so where values tell no more: %s with %o', (path, params, template) => {
    expect(inferTemplate(path, params)).toEqual(guessed(template))
  })

  test('leaves parameters of the outer router out', () => {
    expect(inferTemplate('/b/2', { a: '1', b: '2' }, { a: '1' })).toEqual(exact('/b/:b'))
    expect(inferTemplate('/b/1', { a: '1', b: '1' }, { a: '1' })).toEqual(exact('/b/:b'))
    expect(inferTemplate('/b/1', { id: '1' }, { id: '1' })).toEqual(guessed('/b/:id'))
  })

  test('never throws and never loses a fixed segment', () => {
    const params = fc.dictionary(fc.string(), fc.oneof(fc.string(), fc.array(fc.string()), fc.constant(undefined), fc.object()))
    fc.assert(
      fc.property(fc.webPath(), params, (path, values) => {
        expect(inferTemplate(path, values).template).toBeTypeOf('string')
        expect(inferTemplate(`/fixed${path}`, {}).template).toBe(`/fixed${path}`)
      }),
      { seed: 20261121 },
    )
  })
})

describe('isPlausible', () => {
  test.each<[string | RegExp, string, boolean]>([
    ['/users', '/users', true],
    ['/Users', '/users', true],
    ['/users', '/orders', false],
    ['/users/:id', '/users/7', true],
    ['/users/:id', '/users', false],
    ['/users{/:id}', '/users', true],
    ['/files/*path', '/files/a/b', true],
    [/^\/v\d+/, '/v2', true],
    [/^\/v\d+/, '/orders', false],
  ])('%s for %s: %s', (pattern, path, plausible) => {
    expect(isPlausible(pattern, path)).toBe(plausible)
  })
})

describe('choosePath', () => {
  test('takes the one that fits', () => {
    expect(choosePath(['/a', '/b/:id'], '/b/7?x=/a')).toEqual(exact('/b/:id'))
  })

  test('says so where several fit, or none', () => {
    expect(choosePath(['/:id', '/b'], '/b')).toEqual(guessed('/:id'))
    expect(choosePath(['/a', '/b'], '/c')).toEqual(guessed('/a'))
  })
})

test('joinTemplates writes one slash between two and none at the end', () => {
  expect(joinTemplates(exact(''), exact('/'))).toEqual(exact('/'))
  expect(joinTemplates(exact('/orders'), exact('/'))).toEqual(exact('/orders'))
  expect(joinTemplates(exact('/orders/'), exact('/:id'))).toEqual(exact('/orders/:id'))
  expect(joinTemplates(guessed('/a'), exact('/b'))).toEqual(guessed('/a/b'))
})
