import { SERVICE_COLORS } from './service-colors.js'

/** The style sheet's colours as a canvas takes them, for the colour scheme in force. */
export interface Palette {
  readonly services: readonly string[]
  readonly error: string
  readonly grid: string
  readonly ink: string
}

/** Reads the custom properties of `theme.css`. They hold `light-dark()`, which only a real property resolves: hence the probe. */
export function readPalette(beside: HTMLElement): Palette {
  const probe = document.createElement('span')
  beside.after(probe)
  const read = (name: string): string => {
    probe.style.color = `var(${name})`
    return getComputedStyle(probe).color
  }
  const palette = {
    services: Array.from({ length: SERVICE_COLORS }, (_, index) => read(`--service-${index}`)),
    error: read('--error'),
    grid: read('--grid'),
    ink: read('--ink'),
  }
  probe.remove()
  return palette
}
