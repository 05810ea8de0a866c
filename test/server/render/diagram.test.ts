import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type Diagram, layOutDiagram } from '../../../server/render/diagram.ts'

const aDiagram = (over: Partial<Diagram> = {}): Diagram => ({
  id: 'd',
  title: 'A diagram',
  direction: 'right',
  groups: [],
  nodes: [
    { id: 'a', label: 'Client' },
    { id: 'b', label: 'Server', note: 'answers' },
  ],
  edges: [{ from: 'a', to: 'b', label: 'asks', dashed: false }],
  ...over,
})

test('an arrow leads from one box to the other, with its label between them', () => {
  const { nodes, edges, sentences } = layOutDiagram(aDiagram())
  const [client, server] = nodes
  assert.ok(client!.x + client!.width < server!.x)
  const { labelX, label, path } = edges[0]!
  assert.ok(client!.x + client!.width < labelX && labelX < server!.x)
  assert.deepEqual(label, ['asks'])
  assert.match(path, /^M[\d.]+ [\d.]+[QL]/)
  assert.deepEqual(sentences, [{ from: 'Client', label: 'asks', to: 'Server' }])
})

test('a diagram that leads down has its boxes below one another', () => {
  const [client, server] = layOutDiagram(aDiagram({ direction: 'down' })).nodes
  assert.ok(client!.y + client!.height < server!.y)
})

test('a group surrounds its boxes, and inner groups', () => {
  const { groups, nodes } = layOutDiagram(
    aDiagram({
      groups: [
        { id: 'outer', label: 'Cluster' },
        { id: 'inner', label: 'Node', in: 'outer' },
      ],
      nodes: [
        { id: 'a', label: 'Client' },
        { id: 'b', label: 'Server', in: 'inner' },
      ],
    }),
  )
  const surrounds = (a: Box, b: Box) =>
    a.x <= b.x && a.y <= b.y && a.x + a.width >= b.x + b.width && a.y + a.height >= b.y + b.height
  const [outer, inner] = groups
  assert.ok(surrounds(outer!, inner!) && surrounds(inner!, nodes[1]!) && !surrounds(outer!, nodes[0]!))
})

interface Box {
  x: number
  y: number
  width: number
  height: number
}

test('whatever is drawn lies within the picture, and no two boxes overlap', () => {
  const ids = ['a', 'b', 'c', 'd', 'e', 'f']
  const edge = fc.record({ from: fc.constantFrom(...ids), to: fc.constantFrom(...ids), dashed: fc.boolean() })
  fc.assert(
    fc.property(
      fc.array(edge, { maxLength: 9 }),
      fc.array(fc.string({ minLength: 1, maxLength: 50 }), { minLength: 6, maxLength: 6 }),
      fc.constantFrom('right', 'down'),
      (edges, labels, direction) => {
        const picture = layOutDiagram(
          aDiagram({ nodes: ids.map((id, n) => ({ id, label: labels[n]! })), edges, direction }),
        )
        for (const [n, box] of picture.nodes.entries()) {
          assert.ok(box.x >= 0 && box.y >= 0)
          assert.ok(box.x + box.width <= picture.width && box.y + box.height <= picture.height)
          for (const other of picture.nodes.slice(n + 1))
            assert.ok(
              box.x + box.width <= other.x ||
                other.x + other.width <= box.x ||
                box.y + box.height <= other.y ||
                other.y + other.height <= box.y,
            )
        }
      },
    ),
    { seed: 1, numRuns: 100 },
  )
})

test('Chinese is broken between characters, not before punctuation', () => {
  const label = '控制器管理器比较期望状态与实际状态，然后逐步调谐。'
  const { nodes } = layOutDiagram(aDiagram({ nodes: [{ id: 'a', label }] }))
  const [node] = nodes
  assert.equal(node!.lines.join(''), label)
  assert.ok(node!.lines.length >= 3 && node!.lines.every((line) => line.length <= 10))
  assert.ok(node!.lines.every((line) => !/^[，。]/.test(line)))
  const mixed = layOutDiagram(aDiagram({ nodes: [{ id: 'a', label: '由 kube-controller-manager 负责' }] })).nodes[0]!
  assert.ok(mixed.lines.some((line) => line.includes('kube-controller-manager')))
  assert.ok(mixed.width >= 'kube-controller-manager'.length * 7)
})
