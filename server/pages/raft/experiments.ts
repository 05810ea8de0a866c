/** Scenes to begin with, each with something to predict. What they claim is tested. */
import { msg } from '../../i18n/translate.ts'

export interface Experiment {
  id: string
  title: string
  members: 3 | 5
  /** What happened before, as an address says it. */
  acts: string
  /** What to do, and to think about before. */
  task: string
}

export const experiments: readonly Experiment[] = [
  {
    id: 'election',
    title: msg('How a leader comes about'),
    members: 3,
    acts: '',
    task: msg(
      'Nobody leads yet. Go on step by step: who asks first, and why that one? After which message is there a leader, and what is the first thing that it writes?',
    ),
  },
  {
    id: 'write',
    title: msg('When a write is safe'),
    members: 3,
    acts: 's.s.w2',
    task: msg(
      'Member 2 leads, and a client has written x=1. Deliver the messages one by one. After which of them may the client be told that the write is safe? Who knows that it is committed, and who does not yet?',
    ),
  },
  {
    id: 'lost-leader',
    title: msg('The leader dies with a write'),
    members: 3,
    acts: 's.s.w2.l55.l56.k2',
    task: msg(
      'Member 2 wrote x=1 to its own disk, nobody heard of it, and it stopped. Let three seconds pass, write at the new leader, start member 2 again and let a second pass. What became of x=1, and was the client ever told that it was safe?',
    ),
  },
  {
    id: 'majority-has-it',
    title: msg('The leader dies after a majority has the write'),
    members: 3,
    acts: 's.s.w2.d55.l56.k2',
    task: msg(
      'This time member 1 has x=1 on its disk as well; the leader stopped before it heard so. Which of the two others can win the election? Let three seconds pass and see whether x=1 is committed.',
    ),
  },
  {
    id: 'partition',
    title: msg('A partition, with the leader on the small side'),
    members: 5,
    acts: 's.s.c1.c2.w2.q',
    task: msg(
      'Members 1 and 2 are cut off from 3, 4 and 5, and member 2, which led, took a write. Let four seconds pass. Which side has a leader that can commit? Then bring 1 and 2 back: whose entries stay?',
    ),
  },
  {
    id: 'no-quorum',
    title: msg('The quorum is lost'),
    members: 3,
    acts: 's.s.w2.q.k1.k3.w2',
    task: msg(
      'Two of three members are stopped, and member 2 has a write that it cannot commit. Let two seconds pass: does it still lead? What of the Kubernetes API would work now? Start one member again.',
    ),
  },
  {
    id: 'split-vote',
    title: msg('A split vote'),
    members: 3,
    acts: 'k2.h1.h3',
    task: msg(
      'Member 2 is stopped, and 1 and 3 ran out of patience at the same moment. Deliver everything: who wins? Why does a tie not last for ever?',
    ),
  },
  {
    id: 'hand-over',
    title: msg('Leadership is handed over'),
    members: 3,
    acts: 's.s.o1',
    task: msg(
      'Before the leader’s node is drained, etcdctl move-leader hands over. How many messages does that take, and does anybody wait for a timeout?',
    ),
  },
]
