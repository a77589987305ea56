/** A bar in its place on the axis: columns before it, the bar, columns behind it. */
export interface Bar {
  readonly before: number
  readonly bar: string
  readonly after: number
}

/** A stretch of the axis, from 0 (its beginning) to 1 (its end). */
export interface Stretch {
  readonly start: number
  readonly end: number
}

const LEFT_BLOCKS = ' ▏▎▍▌▋▊▉█'

/**
 * Draws a stretch as a bar of so many columns of axis, in eighths of a column; with `unicode: false` in whole columns of `=`.
 * However short the stretch is, something of it is seen.
 */
export function formatBar({ start, end }: Stretch, width: number, unicode: boolean): Bar {
  const first = Math.min(toEighths(start, width), width * 8 - 1)
  const last = Math.max(toEighths(end, width), first + 1)
  const firstCell = Math.floor(first / 8)
  const lastCell = Math.floor((last - 1) / 8)
  const cells = lastCell - firstCell + 1
  const bar = unicode ? drawBlocks(first % 8, last - lastCell * 8, cells) : '='.repeat(cells)
  return { before: firstCell, bar, after: width - lastCell - 1 }
}

function toEighths(position: number, width: number): number {
  return Number.isFinite(position) ? Math.round(Math.min(1, Math.max(0, position)) * width * 8) : 0
}

// Unicode has blocks that fill a cell from its left in eighths, but from its right only one eighth and the half.
function drawBlocks(from: number, to: number, cells: number): string {
  if (cells === 1) return from < 4 && to < 8 ? fillLeft(to - from) : fillRight(to - from)
  return (from === 0 ? '█' : fillRight(8 - from)) + '█'.repeat(cells - 2) + fillLeft(to)
}

function fillLeft(eighths: number): string {
  return LEFT_BLOCKS[eighths] ?? '█'
}

function fillRight(eighths: number): string {
  if (eighths >= 7) return '█'
  return eighths >= 3 ? '▐' : '▕'
}
