import type { TraceState } from '@clew/analysis'
import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { ErrorIcon, OkIcon, OpenIcon, WarningIcon } from './icons.js'
import { serviceColors } from './services.js'

/** The class that gives an element the colour of a service as `--service`. */
export function toServiceClass(service: string): string {
  return `service-${serviceColors.value.get(service) ?? 0}`
}

/** A service's name with its colour. */
export function ServiceChip({ name, count }: { name: string; count?: number }): JSX.Element {
  return (
    <span class={`chip ${toServiceClass(name)}`} title={name}>
      <span class="swatch" />
      <span class="chip-name">{name}</span>
      {count !== undefined && count > 1 && <span class="muted"> ×{count}</span>}
    </span>
  )
}

/** How a trace stands, by shape and colour. */
export function StateIcon({ state, errors }: { state: TraceState; errors: number }): JSX.Element {
  if (state === 'failed') return <ErrorIcon label="failed" />
  if (errors > 0) return <WarningIcon label="answered, with errors inside" />
  return state === 'completed' ? <OkIcon label="ok" /> : <OpenIcon label={state} />
}

/** A button that copies a text and says so. */
export function CopyButton({ text, children, title }: { text: string; children: string; title?: string }): JSX.Element {
  const [said, setSaid] = useState('')
  useEffect(() => {
    if (said === '') return
    const timer = setTimeout(() => setSaid(''), 1_500)
    return () => clearTimeout(timer)
  }, [said])
  const copy = async (): Promise<void> => setSaid((await copyText(text)) ? 'Copied' : 'Not copied')
  return (
    <button type="button" class="button" title={title ?? text} onClick={() => void copy()}>
      <span aria-live="polite">{said === '' ? children : said}</span>
    </button>
  )
}

/** Copies a text. `navigator.clipboard` is there on https and localhost only; elsewhere a hidden field must do. */
async function copyText(text: string): Promise<boolean> {
  if (navigator.clipboard) {
    const copied = await navigator.clipboard.writeText(text).then(
      () => true,
      () => false,
    )
    if (copied) return true
  }
  const field = document.createElement('textarea')
  field.value = text
  field.className = 'offscreen'
  document.body.append(field)
  field.select()
  const copied = document.execCommand('copy')
  field.remove()
  return copied
}
