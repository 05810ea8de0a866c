/** What is said and what happens on the stage, in sentences. */
import type { Happening, StageEntry, StageMember, StageMessage } from '../../../sim/index.ts'
import { t, tn } from '../../i18n/translate.ts'

/** An entry by name: its write, or the one with which a leader begins. */
const named = ({ index, text }: StageEntry): string =>
  text ? t('entry {index} ({text})', { index, text }) : t('entry {index} (a term begins)', { index })

export function roleWord({ role, isUp }: Pick<StageMember, 'role' | 'isUp'>): string {
  if (!isUp) return t('stopped')
  switch (role) {
    case 'leader':
      return t('leader')
    case 'candidate':
      return t('candidate')
    case 'pre-candidate':
      return t('pre-candidate')
    case 'follower':
      return t('follower')
  }
}

/** The message's kind, as etcd's library names it. */
export const typeNames: Readonly<Record<StageMessage['type'], string>> = {
  'pre-vote': 'MsgPreVote',
  'pre-vote-reply': 'MsgPreVoteResp',
  vote: 'MsgVote',
  'vote-reply': 'MsgVoteResp',
  append: 'MsgApp',
  'append-reply': 'MsgAppResp',
  heartbeat: 'MsgHeartbeat',
  'heartbeat-reply': 'MsgHeartbeatResp',
  snapshot: 'MsgSnap',
  'timeout-now': 'MsgTimeoutNow',
  propose: 'MsgProp',
}

export function messageWords({ type, term, isGranted, isRejected, entries = [], index = 0 }: StageMessage): string {
  switch (type) {
    case 'pre-vote':
      return t('Would you vote for me in term {term}? My log ends at entry {index}.', { term, index })
    case 'pre-vote-reply':
      return isGranted ? t('I would.') : t('I would not.')
    case 'vote':
      return t('Vote for me in term {term}! My log ends at entry {index}.', { term, index })
    case 'vote-reply':
      return isGranted ? t('You have my vote.') : t('You do not have my vote.')
    case 'append':
      return entries.length > 0
        ? t('After entry {index} comes: {entries}', {
            index,
            entries: entries.map(({ text }) => text || '·').join(', '),
          })
        : t('Nothing new after entry {index}; this is how far we have committed.', { index })
    case 'append-reply':
      return isRejected
        ? t('I do not have your entry {index}.', { index })
        : t('I have everything up to entry {index}.', { index })
    case 'heartbeat':
      return t('I still lead.')
    case 'heartbeat-reply':
      return t('I heard you.')
    case 'snapshot':
      return t('Here is everything up to an entry.')
    case 'timeout-now':
      return t('Stand for election now.')
    case 'propose':
      return t('A client writes {text} here; you lead.', { text: entries[0]?.text ?? '' })
  }
}

export function happeningWords(one: Happening): string {
  switch (one.what) {
    case 'delivered':
      return t('{to} hears {from}: “{words}”', { ...ends(one.message), words: messageWords(one.message) })
    case 'lost':
      return t('What {from} told {to} is lost: “{words}”', { ...ends(one.message), words: messageWords(one.message) })
    case 'deliveries':
      return one.lost > 0
        ? t('{n} messages were sent on, of which {lost} never arrived.', { n: one.count, lost: one.lost })
        : tn(one.count, '{n} message arrived.', '{n} messages arrived.')
    case 'waited':
      return t('{seconds} s pass.', { seconds: (one.ticks / 10).toFixed(1) })
    case 'role':
      return roleChange(one)
    case 'term':
      return t('Member {member} learns of term {term}.', one)
    case 'voted':
      return t('Member {member} gives its vote of term {term} to member {candidate}.', { ...one, candidate: one.for })
    case 'appended':
      return t('Member {member} writes {entry} to its log.', { member: one.member, entry: named(one.entry) })
    case 'overwritten':
      return t('Member {member} drops {entry}: it was never committed.', {
        member: one.member,
        entry: named(one.entry),
      })
    case 'committed':
      return t('For member {member}, {entry} is committed.', { member: one.member, entry: named(one.entry) })
    case 'refused':
      return refusal(one)
    case 'stopped':
      return t('Member {member} stops. What is on its disk stays there.', one)
    case 'started':
      return t('Member {member} starts, with what is on its disk.', one)
    case 'cut':
      return t('Member {member} is on the other side of a partition.', one)
    case 'joined':
      return t('Member {member} is back on this side.', one)
    case 'nothing':
      return t('Nothing changes.')
  }
}

const ends = ({ from, to }: StageMessage) => ({ from, to })

function roleChange({ role, member, term }: Happening & { what: 'role' }): string {
  switch (role) {
    case 'leader':
      return t('Member {member} has a majority and leads in term {term}.', { member, term })
    case 'candidate':
      return t('Member {member} stands for election in term {term}, and votes for itself.', { member, term })
    case 'pre-candidate':
      return t('Member {member} has not heard of a leader for too long, and asks who would vote for it.', { member })
    case 'follower':
      return t('Member {member} is a follower again, in term {term}.', { member, term })
  }
}

function refusal({ member, why }: Happening & { what: 'refused' }): string {
  switch (why) {
    case 'stopped':
      return t('Member {member} is stopped: nobody answers.', { member })
    case 'no-leader':
      return t('There is no leader that could hand over to member {member}.', { member })
    case 'transferring':
      return t('Member {member} is handing over and takes no writes.', { member })
    default:
      return t('Member {member} does not lead and knows no leader: the write is refused.', { member })
  }
}
