import type { FoundRecord } from './log-scan.js'

/** Records of one file, in its order. */
export interface RecordStream {
  readonly name: string
  readonly records: AsyncGenerator<FoundRecord>
}

/** A record and the file it comes from. */
export interface MergedRecord extends FoundRecord {
  readonly source: string
}

interface Head {
  readonly stream: RecordStream
  readonly rank: number
  readonly found: FoundRecord
}

/**
 * Merges files by the time of their records, with memory for one record a file. Equal times keep the order of the files, a file keeps
 * its own order, and records before any time come first.
 *
 * @param onDisorder called once for a file whose records run backwards in time
 */
export async function* mergeRecords(streams: readonly RecordStream[], onDisorder: (name: string) => void): AsyncGenerator<MergedRecord> {
  try {
    const heap = await readHeads(streams)
    yield* mergeHeads(heap, onDisorder)
  } finally {
    // Closes the files that were not read to their end.
    await Promise.all(streams.map((stream) => stream.records.return(undefined)))
  }
}

async function readHeads(streams: readonly RecordStream[]): Promise<Head[]> {
  const heap: Head[] = []
  for (const [rank, stream] of streams.entries()) {
    const next = await stream.records.next()
    if (!next.done) pushHead(heap, { stream, rank, found: next.value })
  }
  return heap
}

async function* mergeHeads(heap: Head[], onDisorder: (name: string) => void): AsyncGenerator<MergedRecord> {
  const disordered = new Set<string>()
  for (let head = heap[0]; head !== undefined; head = heap[0]) {
    const { stream, rank, found } = head
    yield { ...found, source: stream.name }
    const next = await stream.records.next()
    if (next.done) {
      replaceTop(heap, heap.pop())
      continue
    }
    if (timeOf(next.value) < timeOf(found) && !disordered.has(stream.name)) {
      disordered.add(stream.name)
      onDisorder(stream.name)
    }
    replaceTop(heap, { stream, rank, found: next.value })
  }
}

function timeOf(found: FoundRecord): number {
  return found.time ?? Number.NEGATIVE_INFINITY
}

function isBefore(a: Head, b: Head): boolean {
  const difference = timeOf(a.found) - timeOf(b.found)
  return difference < 0 || (!(difference > 0) && a.rank < b.rank)
}

function pushHead(heap: Head[], head: Head): void {
  let index = heap.length
  while (index > 0) {
    const above = (index - 1) >> 1
    const parent = heap[above]
    if (parent === undefined || !isBefore(head, parent)) break
    heap[index] = parent
    index = above
  }
  heap[index] = head
}

function replaceTop(heap: Head[], head: Head | undefined): void {
  if (head === undefined || heap.length === 0) return
  let index = 0
  for (;;) {
    const child = smallerChild(heap, index)
    const below = heap[child]
    if (below === undefined || !isBefore(below, head)) break
    heap[index] = below
    index = child
  }
  heap[index] = head
}

function smallerChild(heap: readonly Head[], index: number): number {
  const left = heap[2 * index + 1]
  const right = heap[2 * index + 2]
  return left !== undefined && right !== undefined && isBefore(right, left) ? 2 * index + 2 : 2 * index + 1
}
