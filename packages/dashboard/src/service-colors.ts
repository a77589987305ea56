/** How many colours services are told apart by (`--service-0` to `--service-7` in `theme.css`). */
export const SERVICE_COLORS = 8

/** The first of them are real hues; grey and brown stand in only when these are taken. */
const HUES = 6

/**
 * A colour for each service, as an index into the palette. The same names always get the same colours; a service keeps the slot
 * its name hashes to unless another one in the list has it, so that a new service seldom repaints the others. With more services
 * than colours some share one: names stand beside colours everywhere.
 */
export function assignColors(services: Iterable<string>): ReadonlyMap<string, number> {
  const colors = new Map<string, number>()
  for (const service of [...new Set(services)].sort()) {
    colors.set(service, findSlot(hashName(service), colors))
  }
  return colors
}

function findSlot(wanted: number, colors: ReadonlyMap<string, number>): number {
  const used = new Array<number>(SERVICE_COLORS).fill(0)
  for (const color of colors.values()) used[color]! += 1
  const fewest = Math.min(...used)
  for (let step = 0; step < HUES; step += 1) {
    const slot = (wanted + step) % HUES
    if (used[slot] === fewest) return slot
  }
  return used.indexOf(fewest)
}

// FNV-1a, 32 bits.
function hashName(name: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < name.length; index += 1) hash = Math.imul(hash ^ name.charCodeAt(index), 0x01000193)
  return (hash >>> 8) % HUES
}
