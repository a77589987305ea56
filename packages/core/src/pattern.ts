/** A test for a path: exact, with `*` for any characters, or a regular expression. */
export function compilePattern(pattern: string | RegExp): (path: string) => boolean {
  if (pattern instanceof RegExp) return (path) => path.search(pattern) !== -1
  if (!pattern.includes('*')) return (path) => path === pattern
  const parts = pattern.split('*')
  return (path) => matchParts(path, parts)
}

/** Literal parts in order, the first at the beginning and the last at the end; no backtracking. */
function matchParts(path: string, parts: readonly string[]): boolean {
  const first = parts[0] ?? ''
  const last = parts.at(-1) ?? ''
  if (!path.startsWith(first) || path.length < first.length + last.length || !path.endsWith(last)) return false
  let from = first.length
  for (const part of parts.slice(1, -1)) {
    const at = path.indexOf(part, from)
    if (at === -1) return false
    from = at + part.length
  }
  return from <= path.length - last.length
}
