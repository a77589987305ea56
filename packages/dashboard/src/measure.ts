import { useEffect, useLayoutEffect, useState } from 'preact/hooks'
import { findWindow } from './layout.js'
import type { RowWindow } from './layout.js'

/** Below this width labels stand above their bars instead of beside them. */
export const NARROW = '(max-width: 719px)'

interface ElementRef {
  readonly current: HTMLElement | null
}

/** Whether a media query holds, now and when that changes. */
export function useMedia(query: string): boolean {
  const [matches, setMatches] = useState(() => matchMedia(query).matches)
  useEffect(() => {
    const media = matchMedia(query)
    const update = (): void => setMatches(media.matches)
    update()
    media.addEventListener('change', update)
    return () => media.removeEventListener('change', update)
  }, [query])
  return matches
}

/** The width of an element in pixels, kept up to date. */
export function useWidth(ref: ElementRef): number {
  const [width, setWidth] = useState(0)
  useLayoutEffect(() => {
    const element = ref.current
    if (!element) return
    const update = (): void => setWidth(element.clientWidth)
    update()
    const observer = new ResizeObserver(update)
    observer.observe(element)
    return () => observer.disconnect()
  }, [])
  return width
}

/** The rows of `body` that are in the viewport of the page or near it. Changes every dozen rows, not with every pixel. */
export function useRowWindow(body: ElementRef, rowHeight: number, rowCount: number): RowWindow {
  const [window, setWindow] = useState<RowWindow>({ first: 0, end: Math.min(rowCount, 60) })
  useLayoutEffect(() => {
    const update = (): void => {
      if (!body.current) return
      const next = findWindow({ offset: -body.current.getBoundingClientRect().top, height: innerHeight, rowHeight, rowCount })
      setWindow((old) => (old.first === next.first && old.end === next.end ? old : next))
    }
    update()
    addEventListener('scroll', update, { passive: true })
    addEventListener('resize', update)
    return () => {
      removeEventListener('scroll', update)
      removeEventListener('resize', update)
    }
  }, [rowHeight, rowCount])
  return window
}
