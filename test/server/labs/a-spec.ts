/** A challenge for tests: two nodes, nothing on them, and a Deployment `web` of three ready Pods asked for. */
import type { ChallengeSpec } from '../../../sim/index.ts'

export const aSpec = (world: Partial<ChallengeSpec['world']> = {}): ChallengeSpec => ({
  id: 'three-of-web',
  title: 'Three of web',
  version: 1,
  style: 'build',
  difficulty: 1,
  minutes: 5,
  topics: [],
  params: {},
  world: { shape: { nodes: [{ name: 'node-1' }, { name: 'node-2' }] }, setup: [], settleSeconds: 5, ...world },
  workspace: { files: {}, allowKubectl: true, maxApplies: 10, maxVirtualSeconds: 3600 },
  checks: [
    {
      id: 'ready',
      title: 'Three Pods of web are ready',
      points: 100,
      when: { mode: 'settled' },
      assert: {
        cel: "deployments.exists(d, d.metadata.name == 'web' && has(d.status.readyReplicas) && d.status.readyReplicas == 3)",
      },
    },
  ],
  hints: [],
  observeSeconds: 60,
})
