/** A time of day to the millisecond in the reader's zone, with the date where it is not today: `14:03:07.120`, `2026-11-20 14:03:07.120`. */
export function formatTime(time: number, now: number = Date.now()): string {
  const date = new Date(time)
  const clock = `${pad(date.getHours())}:${pad(date.getMinutes())}:${pad(date.getSeconds())}.${pad(date.getMilliseconds(), 3)}`
  return date.toDateString() === new Date(now).toDateString() ? clock : `${formatDay(date)} ${clock}`
}

// Marks that embed, override or isolate directions (Unicode Standard Annex #9, section 2).
const DIRECTION_MARKS = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g

/** A sentence of ours with names in it, in which marks that would turn its words around are shown instead of obeyed: `\u202e`. */
export function escapeDirections(text: string): string {
  return text.replace(DIRECTION_MARKS, (mark) => `\\u${mark.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

/** How long ago, in one unit: `12 s ago`, `3 min ago`, `2 h ago`, `5 d ago`. */
export function formatAgo(time: number, now: number = Date.now()): string {
  const seconds = Math.max(0, Math.round((now - time) / 1_000))
  if (seconds < 60) return `${seconds} s ago`
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ago`
  return seconds < 86_400 ? `${Math.floor(seconds / 3_600)} h ago` : `${Math.floor(seconds / 86_400)} d ago`
}

function formatDay(date: Date): string {
  return `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}`
}

function pad(value: number, digits = 2): string {
  return String(value).padStart(digits, '0')
}
