/** Lays out a diagram of boxes and arrows: boxes, groups around them and paths as plain numbers, for the SVG of a template. Pure. */
import { Graph, layout } from '@dagrejs/dagre'
import { columnsOf } from '../i18n/columns.ts'

/** As an author writes it. */
export interface Diagram {
  id: string
  title: string
  direction: 'right' | 'down'
  groups: { id: string; label: string; in?: string }[]
  nodes: { id: string; label: string; note?: string; in?: string; tone?: DiagramTone }[]
  edges: { from: string; to: string; label?: string; dashed: boolean }[]
}

export const diagramTones = ['accent', 'ready', 'waiting', 'failing', 'ending', 'done'] as const
export type DiagramTone = (typeof diagramTones)[number]

/** Of the SVG, in its own units; `x` and `y` are of a box's upper left corner. */
export interface DiagramPicture {
  width: number
  height: number
  groups: { label: string; x: number; y: number; width: number; height: number }[]
  nodes: { lines: string[]; note: string[]; tone: string; x: number; y: number; width: number; height: number }[]
  edges: { path: string; isDashed: boolean; label: string[]; labelX: number; labelY: number }[]
  /** The arrows in words, in the author's order. */
  sentences: { from: string; label: string; to: string }[]
}

const lineHeight = 16
const noteHeight = 14
/** Of a letter of the bold label, of the note and of an arrow's label. */
const widths = { label: 7.6, note: 6.4, edge: 6.4 }
const padding = { x: 14, y: 10 }
/** Characters on a line. */
const most = { label: 20, note: 26, edge: 24 }

export function layOutDiagram(diagram: Diagram): DiagramPicture {
  const graph = new Graph({ compound: true, multigraph: true })
  graph.setGraph({
    rankdir: diagram.direction === 'right' ? 'LR' : 'TB',
    nodesep: 28,
    ranksep: 46,
    edgesep: 16,
    marginx: 8,
    marginy: 8,
  })
  for (const { id } of diagram.groups) graph.setNode(`group/${id}`, {})
  for (const { id, in: outer } of diagram.groups) if (outer) graph.setParent(`group/${id}`, `group/${outer}`)
  for (const node of diagram.nodes) {
    graph.setNode(node.id, sizeOf(node))
    if (node.in) graph.setParent(node.id, `group/${node.in}`)
  }
  for (const [n, { from, to, label }] of diagram.edges.entries()) {
    const lines = label ? wrap(label, most.edge) : []
    const size = { width: widest(lines, widths.edge) + 8, height: lines.length * noteHeight + 4 }
    graph.setEdge(from, to, lines.length > 0 ? { ...size, labelpos: 'c' } : {}, String(n))
  }
  layout(graph)
  const placed = (id: string) => {
    const { x, y, width, height } = graph.node(id) as Box
    return { x: round(x - width / 2), y: round(y - height / 2), width: round(width), height: round(height) }
  }
  const names = new Map(diagram.nodes.map(({ id, label }) => [id, label]))
  const { width, height } = graph.graph() as { width: number; height: number }
  return {
    width: Math.ceil(width),
    height: Math.ceil(height),
    groups: diagram.groups.map(({ id, label }) => ({ label, ...placed(`group/${id}`) })),
    nodes: diagram.nodes.map((node) => ({ ...textOf(node), tone: node.tone ?? '', ...placed(node.id) })),
    edges: diagram.edges.map(({ from, to, label, dashed }, n) => {
      const edge = graph.edge(from, to, String(n)) as { points: Point[]; x?: number; y?: number }
      return {
        path: smooth(edge.points),
        isDashed: dashed,
        label: label ? wrap(label, most.edge) : [],
        labelX: round(edge.x ?? 0),
        labelY: round(edge.y ?? 0),
      }
    }),
    sentences: diagram.edges.map(({ from, to, label }) => ({
      from: names.get(from) ?? from,
      label: label ?? '',
      to: names.get(to) ?? to,
    })),
  }
}

interface Point {
  x: number
  y: number
}

interface Box extends Point {
  width: number
  height: number
}

const textOf = ({ label, note }: Diagram['nodes'][number]) => ({
  lines: wrap(label, most.label),
  note: note ? wrap(note, most.note) : [],
})

function sizeOf(node: Diagram['nodes'][number]): { width: number; height: number } {
  const { lines, note } = textOf(node)
  return {
    width: Math.max(64, widest(lines, widths.label), widest(note, widths.note)) + padding.x * 2,
    height: lines.length * lineHeight + note.length * noteHeight + padding.y * 2,
  }
}

const widest = (lines: readonly string[], letter: number): number => Math.max(0, ...lines.map(columnsOf)) * letter

function wrap(text: string, length: number): string[] {
  const lines: string[] = []
  // A line may end after a word, and between Chinese characters, though not before their punctuation.
  for (const [, word, space] of text.matchAll(
    /([^\s\u2e80-\ua4cf\uff00-\uff60]+[，。：；、）”]*|[\u2e80-\ua4cf（“][，。：；、）”]*|.)(\s*)/gu,
  )) {
    const last = lines.at(-1)
    if (last !== undefined && columnsOf(last) + columnsOf(word!) <= length)
      lines[lines.length - 1] = last + word + space
    else lines.push(word! + space)
  }
  return lines.map((line) => line.trimEnd())
}

/** Through the points, with a bend at each in place of a corner. */
function smooth(points: readonly Point[]): string {
  const [first, ...others] = points
  const last = others.at(-1)
  if (!first || !last) return ''
  const bends = others
    .slice(0, -1)
    .map((at, n) => {
      const next = others[n + 1]!
      const end = n === others.length - 2 ? next : { x: (at.x + next.x) / 2, y: (at.y + next.y) / 2 }
      return `Q${round(at.x)} ${round(at.y)} ${round(end.x)} ${round(end.y)}`
    })
    .join('')
  return `M${round(first.x)} ${round(first.y)}${bends || `L${round(last.x)} ${round(last.y)}`}`
}

const round = (value: number): number => Math.round(value * 10) / 10
