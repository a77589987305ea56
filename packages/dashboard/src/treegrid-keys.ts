import type { SpanNode } from '@clew/analysis'

/** What a key does in the tree: moves to a span, opens or closes what lies below it, or shows its details. */
export interface TreeAction {
  readonly kind: 'move' | 'expand' | 'collapse' | 'open'
  readonly node: SpanNode
}

/** The tree as it is on the screen. */
export interface TreeState {
  readonly rows: readonly SpanNode[]
  /** Index of the current row. */
  readonly index: number
  readonly isFolded: (node: SpanNode) => boolean
  /** Rows that fit on one screen. */
  readonly pageRows: number
}

/** What a key means in a treegrid (WAI-ARIA Authoring Practices, "Treegrid pattern"); undefined where it means nothing. */
export function readTreeKey(key: string, state: TreeState): TreeAction | undefined {
  const { rows, index, pageRows } = state
  const node = rows[index]
  if (!node) return undefined
  switch (key) {
    case 'ArrowDown':
      return moveTo(rows, index + 1)
    case 'ArrowUp':
      return moveTo(rows, index - 1)
    case 'PageDown':
      return moveTo(rows, index + pageRows)
    case 'PageUp':
      return moveTo(rows, index - pageRows)
    case 'Home':
      return moveTo(rows, 0)
    case 'End':
      return moveTo(rows, rows.length - 1)
    case 'ArrowRight':
      return goIn(node, state)
    case 'ArrowLeft':
      return goOut(node, state)
    case 'Enter':
    case ' ':
      return { kind: 'open', node }
    default:
      return undefined
  }
}

function moveTo(rows: readonly SpanNode[], index: number): TreeAction {
  return { kind: 'move', node: rows[Math.max(0, Math.min(rows.length - 1, index))]! }
}

function goIn(node: SpanNode, { isFolded }: TreeState): TreeAction | undefined {
  const first = node.children[0]
  if (!first) return undefined
  return isFolded(node) ? { kind: 'expand', node } : { kind: 'move', node: first }
}

function goOut(node: SpanNode, { isFolded }: TreeState): TreeAction | undefined {
  if (node.children.length > 0 && !isFolded(node)) return { kind: 'collapse', node }
  return node.parent && { kind: 'move', node: node.parent }
}
