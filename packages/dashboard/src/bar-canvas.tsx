import type { SpanNode } from '@clew/analysis'
import type { JSX } from 'preact'
import { useLayoutEffect, useRef } from 'preact/hooks'
import { drawBars } from './draw-bars.js'
import type { BarLayout } from './draw-bars.js'
import { useMedia } from './measure.js'
import { readPalette } from './palette.js'
import { serviceColors } from './services.js'
import type { TraceModel } from './trace-model.js'

interface BarCanvasProps extends BarLayout {
  readonly rows: readonly SpanNode[]
  readonly model: TraceModel
  /** Pixels. */
  readonly width: number
}

/** The bars of the rows that are rendered. It moves with them, so that bars and labels never drift apart while scrolling. */
export function BarCanvas({ rows, model, width, scale, rowHeight, narrow }: BarCanvasProps): JSX.Element {
  const ref = useRef<HTMLCanvasElement>(null)
  const dark = useMedia('(prefers-color-scheme: dark)')
  const forced = useMedia('(forced-colors: active)')
  const colors = serviceColors.value
  const height = rows.length * rowHeight
  useLayoutEffect(() => {
    const canvas = ref.current
    const context = canvas?.getContext('2d')
    if (!canvas || !context || width === 0) return
    canvas.width = Math.round(width * devicePixelRatio)
    canvas.height = Math.round(height * devicePixelRatio)
    context.scale(devicePixelRatio, devicePixelRatio)
    drawBars({ context, rows, model, colors, layout: { scale, rowHeight, narrow }, palette: readPalette(canvas) })
  }, [rows, model, width, scale.width, rowHeight, narrow, dark, forced, colors])
  return <canvas ref={ref} class="bars" aria-hidden="true" style={{ width: `${width}px`, height: `${height}px` }} />
}
