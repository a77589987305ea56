import type { SpanNode } from '@clew/analysis'

/** A span in its place, ready to be drawn. */
export interface WaterfallRow {
  readonly node: SpanNode
  /** The branches of the tree in front of the label, two columns a level. */
  readonly branch: string
  /** The branches in front of a further line of this row. */
  readonly continuation: string
  /** Spans below this one that are left out. */
  readonly hidden: number
}

/** Which rows to draw and how. */
export interface RowOptions {
  readonly unicode: boolean
  /** Levels to show below the roots; what lies deeper is counted. Default: all. */
  readonly depth?: number
  /** Levels to draw branches for; deeper ones would leave no room for the labels, and get a number that says how deep they are. */
  readonly maxBranches: number
}

interface Glyphs {
  readonly middle: string
  readonly last: string
  readonly pass: string
  readonly deep: string
}

const UNICODE: Glyphs = { middle: '├ ', last: '└ ', pass: '│ ', deep: '⋯' }
const ASCII: Glyphs = { middle: '|-', last: '`-', pass: '| ', deep: '..' }

/** Lists the spans of a tree in the order of drawing: depth first, siblings by start. Works at any depth. */
export function listRows(roots: readonly SpanNode[], options: RowOptions): WaterfallRow[] {
  const glyphs = options.unicode ? UNICODE : ASCII
  const rows: WaterfallRow[] = []
  const waiting: PlacedNode[] = roots.toReversed().map((node) => ({ node, level: 0, trunk: '', isLast: true }))
  for (let place = waiting.pop(); place !== undefined; place = waiting.pop()) {
    const { node, level } = place
    const isCut = options.depth !== undefined && level >= options.depth
    const trunk = level === 0 || level > options.maxBranches ? place.trunk : place.trunk + (place.isLast ? '  ' : glyphs.pass)
    const continuation = trunk + (node.children.length > 0 && !isCut ? glyphs.pass : '  ')
    rows.push({
      node,
      branch: level > options.maxBranches ? `${place.trunk}${glyphs.deep}${level} ` : drawBranch(place, glyphs),
      continuation,
      hidden: isCut ? countBelow(node) : 0,
    })
    if (isCut) continue
    for (let index = node.children.length - 1; index >= 0; index--) {
      const child = node.children[index]
      if (child !== undefined) waiting.push({ node: child, level: level + 1, trunk, isLast: index === node.children.length - 1 })
    }
  }
  return rows
}

interface PlacedNode {
  readonly node: SpanNode
  readonly level: number
  readonly trunk: string
  readonly isLast: boolean
}

function drawBranch({ level, trunk, isLast }: PlacedNode, glyphs: Glyphs): string {
  if (level === 0) return ''
  return trunk + (isLast ? glyphs.last : glyphs.middle)
}

function countBelow(node: SpanNode): number {
  const waiting = [...node.children]
  let count = 0
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    count++
    for (const child of next.children) waiting.push(child)
  }
  return count
}
