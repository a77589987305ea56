/** A moment in UTC, `2026-01-31 12:00:00.250`. What is no moment becomes `?`. */
export function formatMoment(time: number): string {
  const date = new Date(time)
  return Number.isNaN(date.getTime()) ? '?' : date.toISOString().replace('T', ' ').slice(0, 23)
}
