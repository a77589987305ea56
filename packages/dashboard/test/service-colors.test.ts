import { expect, test } from 'vitest'
import { SERVICE_COLORS, assignColors } from '../src/service-colors.js'

const shop = ['gateway', 'auth', 'orders', 'inventory', 'payments', 'notifier', 'reports', 'mail']

test('services get different colours while there are enough', () => {
  expect(new Set(assignColors(shop).values()).size).toBe(SERVICE_COLORS)
})

test('the same services get the same colours, in whatever order they are met', () => {
  expect([...assignColors([...shop].reverse())].sort()).toEqual([...assignColors(shop)].sort())
})

test('a service that is alone with its slot keeps it when another one appears', () => {
  const before = assignColors(['orders'])
  const after = assignColors(['orders', 'zebra'])
  expect(after.get('orders')).toBe(before.get('orders'))
})

test('with more services than colours every colour is used about equally', () => {
  const colors = [...assignColors(Array.from({ length: SERVICE_COLORS * 3 }, (_, index) => `service-${index}`)).values()]
  for (let color = 0; color < SERVICE_COLORS; color += 1) expect(colors.filter((used) => used === color)).toHaveLength(3)
})
