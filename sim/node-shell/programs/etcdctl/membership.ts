/** member list, add, remove, promote and update. Source: etcdctl/ctlv3/command/member_command.go, printer_simple.go */
import type { Reconfigured } from '../../../etcd/members.ts'
import type { KnownMember } from '../../../etcd/roster.ts'
import { waitFor } from '../../../runtime/process.ts'
import { goQuote } from '../../../text/go-quote.ts'
import {
  AGREED_MS,
  ANSWER_MS,
  answering,
  type Call,
  COMMAND_TIMEOUT_MS,
  EXCEEDED,
  Failure,
  type Run,
  refuseArgs,
} from './call.ts'
import { given, headerFields, headerOf, idOf, sayBlock, sayFields, sayJson, sayRows, unsupported } from './output.ts'

/** What a member tells of itself once it has started. */
export const clientUrls = ({ name, peerUrls }: KnownMember): string[] =>
  name === '' ? [] : peerUrls.map((url) => url.replace(/:\d+$/, ':2379'))

const jsonOf = (member: KnownMember): object => ({
  ...{ ID: idOf(member.id), ...given({ name: member.name }), peerURLs: member.peerUrls },
  ...(member.name === '' ? {} : { clientURLs: clientUrls(member) }),
  ...given({ isLearner: member.isLearner }),
})

export function* memberList(call: Call): Run {
  const { etcd, output, process } = call
  const asked = answering(call, true)
  yield* waitFor(process.sleep(AGREED_MS))
  const all = etcd.members.list()
  const header = headerOf(call, asked)
  if (output === 'json') sayJson(call, { header, members: all.map(jsonOf) })
  else if (output === 'fields') {
    sayFields(call, headerFields(header))
    for (const member of all)
      sayBlock(call, [
        ['ID', idOf(member.id)],
        ['Name', goQuote(member.name)],
        ...member.peerUrls.map((url) => ['PeerURL', goQuote(url)] as const),
        ...clientUrls(member).map((url) => ['ClientURL', goQuote(url)] as const),
        ['IsLearner', member.isLearner],
      ])
  } else
    sayRows(
      call,
      ['ID', 'status', 'name', 'peer addrs', 'client addrs', 'is learner'],
      all.map((member) => [
        ...[member.id, member.name === '' ? 'unstarted' : 'started', member.name],
        ...[member.peerUrls.join(','), clientUrls(member).join(','), String(member.isLearner)],
      ]),
    )
  return 0
}

export function* memberAdd(call: Call): Run {
  const { args, etcd, flags, output, process } = call
  const [name] = args
  if (name === undefined) refuseArgs('member name not provided')
  if (args.length > 1) {
    const meant = args.filter((word) => /^http/i.test(word)).map((word) => `, did you mean --peer-urls=${word}`)
    refuseArgs(`too many arguments${meant.join('')}`)
  }
  const peerUrls = flags.get('peer-urls') ?? ''
  if (peerUrls === '') refuseArgs('member peer urls not provided')
  const isLearner = flags.get('learner') === 'true'
  const { id } = yield* changed(call, (from) => etcd.members.add(from, peerUrls.split(','), isLearner))
  if (output === 'json') return say(call, '', { member: { ID: idOf(id), peerURLs: peerUrls.split(',') } })
  say(call, `Member ${id} added${isLearner ? ' as learner ' : ' '}to cluster ${etcd.members.clusterId}`)
  const cluster = etcd.members
    .list()
    .flatMap((member) => member.peerUrls.map((url) => `${member.id === id ? name : member.name}=${url}`))
  process.stdout.write(`
ETCD_NAME=${goQuote(name)}
ETCD_INITIAL_CLUSTER=${goQuote(cluster.join(','))}
ETCD_INITIAL_ADVERTISE_PEER_URLS=${goQuote(peerUrls)}
ETCD_INITIAL_CLUSTER_STATE="existing"
`)
  return 0
}

export function* memberRemove(call: Call): Run {
  const id = readId(call)
  const { members } = call.etcd
  yield* changed(call, (from) => members.remove(from, id))
  return say(call, `Member ${id} removed from cluster ${members.clusterId}`)
}

export function* memberPromote(call: Call): Run {
  const id = readId(call)
  const { members } = call.etcd
  yield* changed(call, () => members.promote(id))
  return say(call, `Member ${id} promoted in cluster ${members.clusterId}`)
}

export function* memberUpdate(call: Call): Run {
  const id = readId(call)
  const { members } = call.etcd
  const peerUrls = call.flags.get('peer-urls') ?? ''
  if (peerUrls === '') refuseArgs('member peer urls not provided')
  yield* changed(call, () => members.update(id, peerUrls.split(',')))
  return say(call, `Member ${id} updated in cluster ${members.clusterId}`)
}

/** @throws Failure for what is no id, and for more words than one */
function readId({ args }: Call): string {
  const [text] = args
  if (text === undefined || args.length > 1) refuseArgs('member ID is not provided')
  if (!/^[0-9a-fA-F]{1,16}$/.test(text))
    refuseArgs(`bad member ID arg (strconv.ParseUint: parsing ${goQuote(text)}: invalid syntax), expecting ID in Hex`)
  return text.toLowerCase().padStart(16, '0')
}

/** @param act gets the node of the member that is asked @throws Failure for what they refuse, or do not agree on */
function* changed(
  call: Call,
  act: (from: string) => Reconfigured,
): Generator<Parameters<typeof waitFor>[0], Reconfigured, unknown> {
  const done = act(answering(call, true).name)
  if (done.error !== undefined)
    throw done.tookMs > 0
      ? new Failure(EXCEEDED, { afterMs: COMMAND_TIMEOUT_MS })
      : new Failure(done.error, { afterMs: ANSWER_MS })
  yield* waitFor(call.process.sleep(AGREED_MS + done.tookMs))
  return done
}

function say(call: Call, text: string, more: object = {}): number {
  if (call.output === 'table' || call.output === 'fields') unsupported(call)
  if (call.output === 'json') {
    const asked = answering(call, false)
    sayJson(call, { header: headerOf(call, asked), ...more, members: call.etcd.members.list().map(jsonOf) })
  } else call.process.stdout.write(`${text}\n`)
  return 0
}
