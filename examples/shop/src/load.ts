/** A request to send, and what is expected of it. */
export interface Visit {
  readonly kind: 'browse' | 'look up' | 'checkout' | 'loyal checkout' | 'refused checkout'
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: object
  readonly status: number
  /** Who takes part in its trace. */
  readonly services: readonly string[]
}

/** A visit and its answer. */
export interface Outcome {
  readonly visit: Visit
  /** As the answer's `X-Trace-Id` tells it. */
  readonly traceId: string
}

/** The id that one caller makes up by itself. */
export const EXTERNAL_ID = 'mobile-abc-123'

const COUNTS: Readonly<Record<Visit['kind'], number>> = {
  browse: 130,
  'look up': 60,
  checkout: 40,
  'loyal checkout': 4,
  'refused checkout': 6,
}
const AT_ONCE = 6
/** Processes that have just started are slow at first; the first visitors come one by one. */
const ONE_BY_ONE = 20

/** A working day in small: the same visits in the same order for the same seed. */
export function planVisits(seed: number): readonly Visit[] {
  const random = createRandom(seed)
  const kinds = (Object.keys(COUNTS) as Visit['kind'][]).flatMap((kind) => Array.from({ length: COUNTS[kind] }, () => kind))
  const visits = shuffle(kinds, random).map((kind) => createVisit(kind, random))
  const first = visits.findIndex(({ kind }) => kind === 'checkout')
  return visits.map((visit, index) => (index === first ? { ...visit, headers: { ...visit.headers, 'X-Trace-Id': EXTERNAL_ID } } : visit))
}

/** Sends the visits, a few at once after the first ones. Throws where an answer is not the expected one. */
export async function sendVisits(gateway: string, visits: readonly Visit[]): Promise<readonly Outcome[]> {
  const waiting = visits.slice(ONE_BY_ONE).values()
  const outcomes: Outcome[] = []
  async function sendNext(): Promise<void> {
    for (const visit of waiting) outcomes.push(await send(gateway, visit))
  }
  for (const visit of visits.slice(0, ONE_BY_ONE)) outcomes.push(await send(gateway, visit))
  await Promise.all(Array.from({ length: AT_ONCE }, sendNext))
  return outcomes
}

async function send(gateway: string, visit: Visit): Promise<Outcome> {
  const { method, path, headers, body } = visit
  const response = await fetch(gateway + path, { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) })
  const text = await response.text()
  if (response.status !== visit.status) throw new Error(`${method} ${path} was answered with ${response.status}: ${text}`)
  const traceId = response.headers.get('X-Trace-Id')
  if (traceId === null) throw new Error(`The answer to ${method} ${path} has no X-Trace-Id`)
  return { visit, traceId }
}

function createVisit(kind: Visit['kind'], random: () => number): Visit {
  const pick = (count: number): number => Math.floor(random() * count)
  const headers = { authorization: `Bearer session-${pick(400)}`, 'content-type': 'application/json' }
  const sku = `sku-${pick(60)}`
  if (kind === 'browse')
    return { kind, method: 'GET', path: `/products/${sku}`, headers: {}, status: 200, services: ['gateway', 'inventory'] }
  if (kind === 'look up')
    return { kind, method: 'GET', path: `/orders/order-${pick(50_000)}`, headers, status: 200, services: ['gateway', 'auth', 'orders'] }
  const isRefused = kind === 'refused checkout'
  const card = isRefused ? 'card-of-a-silent-issuer' : 'card-1'
  const body = { sku, price: 10 + pick(90), card, ...(kind === 'loyal checkout' ? { coupon: 'LOYAL' } : {}) }
  const services = ['gateway', 'auth', 'orders', 'inventory', 'payments', ...(isRefused ? [] : ['notifier'])]
  return { kind, method: 'POST', path: '/checkout', headers, body, status: isRefused ? 502 : 201, services }
}

/** Numbers from 0 (included) to 1, the same ones for the same seed: a linear congruential generator (Numerical Recipes, 2nd ed., 7.1). */
function createRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

function shuffle<T>(items: readonly T[], random: () => number): T[] {
  return items
    .map((item) => ({ item, order: random() }))
    .sort((a, b) => a.order - b.order)
    .map(({ item }) => item)
}
