import { alignText, escapeControls, measureText, truncateText } from './text.js'

/** A column of a table. */
export interface Column {
  readonly title: string
  readonly align?: 'start' | 'end'
  /** Columns it may be cut to where the table is too wide; without it, the column is never cut. */
  readonly minWidth?: number
  /** Columns with the highest number are left out first, where even the narrowest table is too wide. Without it, never. */
  readonly dropRank?: number
  /** Colours a cell that is already cut and padded. */
  readonly paint?: (cell: string, row: readonly string[]) => string
}

/** How a table is drawn. */
export interface TableOptions {
  readonly width: number
  /** `…`, or `~` where only ASCII is shown. */
  readonly mark: string
  readonly paintTitle?: (title: string) => string
}

const GAP = '  '

/**
 * Draws a table that fits the width: wide columns are cut to their `minWidth`, the widest first; then whole columns are left out.
 * Control characters of cells are escaped.
 */
export function formatTable(columns: readonly Column[], rows: readonly (readonly string[])[], options: TableOptions): string[] {
  const cells = rows.map((row) => row.map(escapeControls))
  const shown = fitColumns(columns, cells, options.width)
  const draw = (row: readonly string[], paint?: (cell: string) => string): string =>
    shown
      .map(({ column, index, width }) => {
        const cell = alignText(truncateText(row[index] ?? '', width, options.mark), width, column.align)
        return paint?.(cell) ?? column.paint?.(cell, row) ?? cell
      })
      .join(GAP)
      .trimEnd()
  const titles = columns.map((column) => column.title)
  return [draw(titles, options.paintTitle ?? ((title) => title)), ...cells.map((row) => draw(row))]
}

interface ShownColumn {
  readonly column: Column
  readonly index: number
  width: number
}

function fitColumns(columns: readonly Column[], rows: readonly (readonly string[])[], width: number): ShownColumn[] {
  let shown = columns.map((column, index): ShownColumn => {
    const widest = rows.reduce((most, row) => Math.max(most, measureText(row[index] ?? '')), measureText(column.title))
    return { column, index, width: widest }
  })
  while (narrowestWidth(shown) > width) {
    const last = shown.reduce<ShownColumn | undefined>((most, next) => (rankOf(next) > rankOf(most) ? next : most), undefined)
    if (last === undefined) break
    shown = shown.filter((column) => column !== last)
  }
  for (let excess = totalWidth(shown) - width; excess > 0; excess--) {
    const widest = shown
      .filter(canShrink)
      .reduce<ShownColumn | undefined>((most, next) => (next.width > (most?.width ?? 0) ? next : most), undefined)
    if (widest === undefined) break
    widest.width--
  }
  return shown
}

function rankOf(shown: ShownColumn | undefined): number {
  return shown?.column.dropRank ?? 0
}

function canShrink({ column, width }: ShownColumn): boolean {
  return column.minWidth !== undefined && width > column.minWidth
}

function totalWidth(shown: readonly ShownColumn[]): number {
  return shown.reduce((sum, { width }) => sum + width, GAP.length * (shown.length - 1))
}

function narrowestWidth(shown: readonly ShownColumn[]): number {
  return totalWidth(shown.map((column) => ({ ...column, width: Math.min(column.width, column.column.minWidth ?? column.width) })))
}
