/** The mock exams and interviews of a learner, the oldest first. */
import { withResult, withSaid, withTaskResult } from '../../exams/mock.ts'
import type { Mock } from '../../storage/types.ts'
import type { KnownAct } from '../acts/registry.ts'
import { digestOf } from '../digest.ts'
import { mergeMocks } from '../merge-mocks.ts'
import type { Fold } from './fold.ts'

interface State {
  participantId: string
  byId: Map<string, Mock>
}

export const mocks: Fold<State, readonly Mock[]> = {
  begin: ({ participantId }) => ({ participantId, byId: new Map() }),
  apply({ participantId, byId }, act, nameOf) {
    if (act.act === 'mock-began' || act.act === 'mock-brought') {
      const { items, tasks, ...mock } = act.data.mock
      const begun: Mock = {
        ...{ ...mock, participantId },
        items: items.map((item) => ({
          ...item,
          questionId: presentName(nameOf, 'question', item.questionId),
        })),
        ...(tasks && {
          tasks: tasks.map((task) => ({ ...task, challengeId: presentName(nameOf, 'challenge', task.challengeId) })),
        }),
      }
      const known = byId.get(begun.id)
      byId.set(begun.id, known ? mergeMocks(known, begun) : begun)
      return true
    }
    if (!('mock' in act.data) || typeof act.data.mock !== 'string') return false
    const mock = byId.get(act.data.mock)
    // Its beginning is damaged, or it was removed.
    if (!mock) return false
    if (act.act === 'mock-removed') byId.delete(mock.id)
    else byId.set(mock.id, changed(mock, act))
    return true
  },
  view: ({ byId }) => [...byId.values()].sort((a, b) => a.startedAtMs - b.startedAtMs),
}

function presentName(nameOf: (item: string) => string, kind: 'question' | 'challenge', id: string): string {
  return nameOf(`${kind}:${id}`).slice(kind.length + 1)
}

function changed(mock: Mock, act: KnownAct): Mock {
  switch (act.act) {
    case 'mock-said': {
      const { place, current = mock.current, given, confidence, flag, spentMs } = act.data
      return { ...withSaid(mock, place, { given, confidence, flag, spentMs }), current }
    }
    case 'mock-judged': {
      const { place, given, confidence, result } = act.data
      return withResult(mock, place, { given, confidence }, result)
    }
    case 'task-graded':
      return withTaskResult(mock, act.data.place, act.data.result)
    case 'mock-seen':
      return { ...mock, clock: { seenAtMs: act.atMs, usedMs: act.data.usedMs } }
    case 'mock-handed-in':
      return { ...mock, handedInAtMs: mock.handedInAtMs ?? act.atMs }
    default:
      return mock
  }
}

/** The act that brings one along as it is; always the same for the same one. */
export function actOfMock(mock: Mock): KnownAct & { act: 'mock-brought' } {
  const { participantId: _, ...content } = mock
  const { id, startedAtMs, origin } = mock
  return {
    ...{ id: `${id}.${digestOf(content)}`, act: 'mock-brought', atMs: startedAtMs },
    ...(origin ? { origin } : {}),
    data: { mock: content },
  }
}
