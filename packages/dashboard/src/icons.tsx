import type { ComponentChildren, JSX } from 'preact'

/** clew's mark: a ball of thread. */
export function Mark(): JSX.Element {
  return (
    <svg
      class="mark"
      viewBox="0 0 32 32"
      width="22"
      height="22"
      fill="none"
      stroke="currentColor"
      stroke-width="2.4"
      stroke-linecap="round"
      aria-hidden="true"
    >
      <circle cx="14" cy="15" r="10.5" />
      <path d="M5 11c6-3 13-1 18 6M4 17c6-2 11 0 15 7M9 6.500c6 1 11 4 15 9M21 23c2 3 5 4 8 4" />
    </svg>
  )
}

/** An octagon with an exclamation mark: failed. Told by its shape as well as by its colour. */
export function ErrorIcon({ label }: { label?: string }): JSX.Element {
  return (
    <Icon class="icon-error" label={label}>
      <path d="M5.3 1.200h5.400l4.1 4.100v5.400l-4.1 4.100H5.300l-4.1-4.100V5.300z" fill="currentColor" stroke="none" />
      <path d="M8 4.300v4.4" stroke="var(--on-strong)" stroke-width="1.8" />
      <circle cx="8" cy="11.4" r="1.1" fill="var(--on-strong)" stroke="none" />
    </Icon>
  )
}

/** A triangle with an exclamation mark: worth a look. */
export function WarningIcon({ label }: { label?: string }): JSX.Element {
  return (
    <Icon class="icon-warning" label={label}>
      <path d="M8 1.2 15.2 14.200H.8z" fill="currentColor" stroke="currentColor" stroke-width="1" stroke-linejoin="round" />
      <path d="M8 5.800v4" stroke="var(--on-strong)" stroke-width="1.7" />
      <circle cx="8" cy="12" r="1" fill="var(--on-strong)" stroke="none" />
    </Icon>
  )
}

/** A circle with an i: good to know. */
export function InfoIcon({ label }: { label?: string }): JSX.Element {
  return (
    <Icon class="icon-info" label={label}>
      <circle cx="8" cy="8" r="6.6" />
      <path d="M8 7.300v4" />
      <circle cx="8" cy="4.7" r=".6" fill="currentColor" />
    </Icon>
  )
}

/** A tick: went well. */
export function OkIcon({ label }: { label?: string }): JSX.Element {
  return (
    <Icon class="icon-ok" label={label}>
      <path d="m3.5 8.5 3 3 6-7" />
    </Icon>
  )
}

/** A dashed circle: not at its end yet. */
export function OpenIcon({ label }: { label?: string }): JSX.Element {
  return (
    <Icon class="icon-open" label={label}>
      <circle cx="8" cy="8" r="5.5" stroke-dasharray="3 2.2" />
    </Icon>
  )
}

/** An arrow that points right where something can be unfolded; the style sheet turns it. */
export function FoldIcon(): JSX.Element {
  return (
    <Icon class="icon-fold">
      <path d="m6 4 4 4-4 4" />
    </Icon>
  )
}

/** A cross, for closing. */
export function CloseIcon(): JSX.Element {
  return (
    <Icon class="icon-close">
      <path d="m4 4 8 8m0-8-8 8" />
    </Icon>
  )
}

function Icon(props: { class: string; label?: string | undefined; children: ComponentChildren }): JSX.Element {
  const meaning = props.label === undefined ? { 'aria-hidden': true } : { role: 'img' as const, 'aria-label': props.label }
  return (
    <svg
      class={`icon ${props.class}`}
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      stroke-width="1.6"
      stroke-linecap="round"
      {...meaning}
    >
      {props.children}
    </svg>
  )
}
