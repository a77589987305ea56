import type { SpanNode } from '@clew/analysis'
import { TICK_GAP } from './axis.js'
import { findTicks, toX } from './layout.js'
import type { TimeScale } from './layout.js'
import type { Palette } from './palette.js'
import type { TraceModel } from './trace-model.js'

/** Where bars lie: wide rows have them at their middle, narrow ones below the label. */
export interface BarLayout {
  readonly scale: TimeScale
  readonly rowHeight: number
  readonly narrow: boolean
}

/** Everything a drawing needs. */
export interface BarDrawing {
  readonly context: CanvasRenderingContext2D
  readonly rows: readonly SpanNode[]
  readonly model: TraceModel
  readonly colors: ReadonlyMap<string, number>
  readonly layout: BarLayout
  readonly palette: Palette
}

interface Bar {
  readonly node: SpanNode
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

interface Mark {
  readonly x: number
  readonly y: number
  /** From its middle to its edge. */
  readonly size: number
}

/** A bar that is too short to see is drawn this wide, in pixels. */
const MIN_WIDTH = 2.5

/** Height of the part of a narrow row that lies below its label, in pixels. */
const LANE_HEIGHT = 16

/** How much of its colour a bar keeps where nobody waited for it. */
const PALE = 0.38

/** Draws the grid and one bar per row: pale as a whole, solid where it lies on the critical path, framed and crossed where it failed. */
export function drawBars(drawing: BarDrawing): void {
  const { context, rows, colors, palette, layout, model } = drawing
  drawGrid(drawing)
  rows.forEach((node, index) => {
    const bar = placeBar(node, index, layout)
    context.fillStyle = context.strokeStyle = palette.services[colors.get(node.span.service) ?? 0]!
    drawSpan(drawing, bar)
    drawPath(drawing, bar)
    drawEvents(drawing, bar)
    if (model.failed.has(node)) drawFailure(drawing, bar)
  })
}

function placeBar(node: SpanNode, index: number, { scale, rowHeight, narrow }: BarLayout): Bar {
  const x = toX(scale, node.startTime)
  const width = Math.max(MIN_WIDTH, toX(scale, node.startTime + node.duration) - x)
  const height = narrow ? 6 : 12
  const lane = narrow ? LANE_HEIGHT : rowHeight
  return { node, x, y: (index + 1) * rowHeight - (lane + height) / 2, width, height }
}

function drawGrid({ context, layout, palette, rows }: BarDrawing): void {
  const { scale, rowHeight, narrow } = layout
  context.fillStyle = palette.grid
  for (const tick of findTicks(scale, TICK_GAP)) {
    const x = Math.round(toX(scale, scale.startTime + tick))
    if (!narrow) context.fillRect(x, 0, 1, rows.length * rowHeight)
    else rows.forEach((_, index) => context.fillRect(x, (index + 1) * rowHeight - LANE_HEIGHT, 1, LANE_HEIGHT)) // not through the labels
  }
}

function drawSpan({ context }: BarDrawing, bar: Bar): void {
  const { place } = bar.node
  context.globalAlpha = PALE
  fillRound(context, bar)
  context.globalAlpha = 1
  if (place === 'inferred' || place === 'orphan') frame(context, bar, [3, 2])
}

function drawPath({ context, model, layout }: BarDrawing, bar: Bar): void {
  for (const stretch of model.path.get(bar.node) ?? []) {
    const x = Math.max(bar.x, toX(layout.scale, stretch.startTime))
    const end = Math.min(bar.x + bar.width, toX(layout.scale, stretch.startTime + stretch.duration))
    fillRound(context, { ...bar, x, width: Math.max(1, end - x) })
  }
}

function drawEvents({ context, model, layout, palette }: BarDrawing, { node, y, height }: Bar): void {
  const shift = node.startTime - node.span.startTime
  for (const event of node.span.events) {
    if (event.time + shift > model.endTime) continue
    context.fillStyle = event.name === 'exception' ? palette.error : palette.ink
    drawDiamond(context, { x: toX(layout.scale, event.time + shift), y: y + height / 2, size: height / 3 })
  }
}

function drawFailure({ context, layout, palette }: BarDrawing, bar: Bar): void {
  context.strokeStyle = palette.error
  frame(context, bar, [])
  const size = layout.narrow ? 3 : 3.5
  drawCross(context, { x: bar.x + bar.width + 4 + size, y: bar.y + bar.height / 2, size })
}

function fillRound(context: CanvasRenderingContext2D, bar: Bar): void {
  context.beginPath()
  context.roundRect(bar.x, bar.y, bar.width, bar.height, Math.min(2.5, bar.width / 2))
  context.fill()
}

function frame(context: CanvasRenderingContext2D, bar: Bar, dashes: number[]): void {
  context.lineWidth = 1.5
  context.setLineDash(dashes)
  context.beginPath()
  context.roundRect(bar.x, bar.y, bar.width, bar.height, Math.min(2.5, bar.width / 2))
  context.stroke()
  context.setLineDash([])
}

function drawDiamond(context: CanvasRenderingContext2D, { x, y, size }: Mark): void {
  context.beginPath()
  context.moveTo(x, y - size)
  context.lineTo(x + size, y)
  context.lineTo(x, y + size)
  context.lineTo(x - size, y)
  context.fill()
}

function drawCross(context: CanvasRenderingContext2D, { x, y, size }: Mark): void {
  context.lineWidth = 2
  context.lineCap = 'round'
  context.beginPath()
  context.moveTo(x - size, y - size)
  context.lineTo(x + size, y + size)
  context.moveTo(x + size, y - size)
  context.lineTo(x - size, y + size)
  context.stroke()
  context.lineCap = 'butt'
}
