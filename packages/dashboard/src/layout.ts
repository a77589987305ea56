/** The rows to render: `first` included, `end` not. */
export interface RowWindow {
  readonly first: number
  readonly end: number
}

/** Rows rendered beyond either edge of the viewport, and how far it must be scrolled before others are rendered. */
const OVERSCAN_ROWS = 24
const STEP_ROWS = 12

/**
 * Which of `rowCount` rows of equal height to render. `offset` is how far, in pixels, the top of the viewport lies below the top of
 * the first row (negative while the rows begin further down).
 */
export function findWindow(view: { offset: number; height: number; rowHeight: number; rowCount: number }): RowWindow {
  const top = Math.floor(view.offset / view.rowHeight / STEP_ROWS) * STEP_ROWS
  const rows = Math.ceil(view.height / view.rowHeight) + STEP_ROWS
  const first = Math.min(Math.max(0, top - OVERSCAN_ROWS), Math.max(0, view.rowCount - 1))
  return { first, end: Math.max(first, Math.min(view.rowCount, top + rows + OVERSCAN_ROWS)) }
}

/** Maps times onto pixels: `startTime` to 0 and `endTime` to `width`. */
export interface TimeScale {
  readonly startTime: number
  readonly endTime: number
  readonly width: number
}

/** Where a time lies, in pixels from the left. A trace without extent lies at 0. */
export function toX(scale: TimeScale, time: number): number {
  const extent = scale.endTime - scale.startTime
  return extent > 0 ? ((time - scale.startTime) / extent) * scale.width : 0
}

/** Times of an axis, in milliseconds from its start, at round steps (1, 2 or 5 times a power of ten), at most one per `minGap` pixels. */
export function findTicks(scale: TimeScale, minGap: number): number[] {
  const extent = scale.endTime - scale.startTime
  if (extent <= 0 || scale.width < minGap) return [0]
  const step = roundUpStep((extent * minGap) / scale.width)
  return Array.from({ length: Math.floor(extent / step + 1e-9) + 1 }, (_, index) => index * step)
}

/** Pixels by which a row of a depth is indented: shallow trees get room, deep ones stay readable. */
export function toIndent(depth: number, narrow: boolean): number {
  return Math.min(depth, narrow ? 12 : 24) * (narrow ? 8 : 14)
}

function roundUpStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least))
  return power * ([1, 2, 5].find((factor) => factor * power >= least * (1 - 1e-9)) ?? 10)
}
