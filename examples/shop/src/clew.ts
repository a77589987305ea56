import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { type Fleet, spawnTethered } from './fleet.js'
import { isFree } from './free-port.js'
import type { Outcome } from './load.js'

const BIN = fileURLToPath(new URL('bin/clew.js', import.meta.resolve('clew/package.json')))
const USUAL_PORT = 4318
const ARRIVAL_TIMEOUT_MS = 30_000
const POLL_MS = 100

/** Starts `clew serve` and resolves with its address. Without a port: the usual one where `preferUsual` and it is free, else any free one. */
export async function startClew(
  fleet: Fleet,
  { env, port, preferUsual }: { env: NodeJS.ProcessEnv; port?: number; preferUsual: boolean },
): Promise<string> {
  const chosen = port ?? (preferUsual && (await isFree(USUAL_PORT)) ? USUAL_PORT : 0)
  const args = ['serve', '--port', String(chosen)]
  return fleet.start({ name: 'clew', main: BIN, args, env, address: /^clew listens on (\S+)\n/m })
}

/** Runs a command of clew that writes to this process's own output. Throws where it does not end with code 0. */
export async function runClew(args: readonly string[], env: NodeJS.ProcessEnv): Promise<void> {
  const child = spawnTethered([BIN, ...args], { env, output: 'inherit' })
  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null]
  if (code !== 0) throw new Error(`clew ${args.join(' ')} ended with ${signal ?? `code ${code}`}`)
}

interface TraceRow {
  readonly traceId: string
  readonly externalId?: string
  readonly services: readonly string[]
}

/** Waits until every trace is there with all its services. Throws where that takes too long. */
export async function waitForTraces(clew: string, outcomes: readonly Outcome[]): Promise<void> {
  const deadline = performance.now() + ARRIVAL_TIMEOUT_MS
  for (;;) {
    const missing = listMissing(await fetchItems(`${clew}/api/v1/traces?limit=1000`), outcomes)
    if (missing.length === 0) return
    if (performance.now() > deadline)
      throw new Error(`${missing.length} of ${outcomes.length} traces have not arrived whole: ${missing[0]}`)
    await sleep(POLL_MS)
  }
}

/** The trace of the slowest request of all. */
export async function findSlowest(clew: string): Promise<string> {
  const [slowest] = await fetchItems(`${clew}/api/v1/slow?limit=1`)
  if (slowest === undefined) throw new Error('clew knows no slow request')
  return slowest.traceId
}

function listMissing(rows: readonly TraceRow[], outcomes: readonly Outcome[]): readonly string[] {
  const arrived = new Map(
    rows.flatMap((row) => [row.traceId, row.externalId ?? row.traceId].map((id) => [id, new Set(row.services)] as const)),
  )
  return outcomes.flatMap(({ traceId, visit }) => {
    const absent = visit.services.filter((service) => !arrived.get(traceId)?.has(service))
    return absent.length === 0 ? [] : [`${visit.kind} ${traceId} lacks ${absent.join(', ')}`]
  })
}

async function fetchItems(url: string): Promise<readonly TraceRow[]> {
  const response = await fetch(url)
  if (!response.ok) throw new Error(`${url} was answered with ${response.status}: ${await response.text()}`)
  return ((await response.json()) as { items: readonly TraceRow[] }).items
}
