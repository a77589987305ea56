import { formatDuration } from '@clew/analysis'
import type { JSX } from 'preact'
import { findTicks, toX } from './layout.js'
import type { TimeScale } from './layout.js'

/** Pixels between two marks of the axis, at least. */
export const TICK_GAP = 96

/** Pixels kept free at the right end of the time axis, for the marks behind bars. */
export const END_ROOM = 24

/** Room that a mark's text takes, in pixels. */
const LABEL_WIDTH = 64

/** The marks of the time axis, counted from the start of the trace. The last one's text stands on its left where there is no room on its right. */
export function TimeAxis({ scale }: { scale: TimeScale }): JSX.Element {
  const ticks = findTicks(scale, TICK_GAP)
  const gap = ticks.length > 1 ? toX(scale, scale.startTime + ticks[1]!) : scale.width
  return (
    <>
      {ticks.map((tick) => {
        const x = toX(scale, scale.startTime + tick)
        const fits = x + LABEL_WIDTH <= scale.width + END_ROOM
        return (
          <span key={tick} class={`tick ${fits ? '' : 'turned'}`} style={{ left: `${x}px` }}>
            {(fits || gap >= 2 * LABEL_WIDTH) && (tick === 0 ? '0' : formatDuration(tick))}
          </span>
        )
      })}
    </>
  )
}
