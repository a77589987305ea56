/** A time of day to the millisecond in the reader's zone, with the date where it is not today: `14:03:07.120`, `2026-11-20 14:03:07.120`. */
export function formatTime(time: number, now: number = Date.now()): string {
  const date = new Date(time)
  const clock = `${pad(date.getHours())}:${pad(date.getMinutes())}:${pad(date.getSeconds())}.${pad(date.getMilliseconds(), 3)}`
  return date.toDateString() === new Date(now).toDateString() ? clock : `${formatDay(date)} ${clock}`
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
