/** kubectl auth: what somebody may do, and who one is. Source: k8s.io/kubectl/pkg/cmd/auth */
import type {
  SelfSubjectAccessReview,
  SelfSubjectReview,
  SelfSubjectRulesReview,
} from '../../api/authorization/types.ts'
import { givenKeys, type KeyOrder } from '../../api/meta/go-json.ts'
import type { Kind } from '../../api/meta/kind.ts'
import type { KubeObject } from '../../api/meta/object.ts'
import { isStatus } from '../../api/meta/status-error.ts'
import { discoverAgain, readServed } from '../ask.ts'
import { allNamespacesFlag, type Command, type Invocation, outputFlags } from '../command.ts'
import { KubectlError } from '../errors.ts'
import { objectPrinter } from '../printers/objects.ts'
import { layOut, tableTabs } from '../printers/tab-writer.ts'
import { ruleRows } from '../rules.ts'
import { reconcile } from './reconcile.ts'

const RESOURCE_VERBS = new Set(
  [
    'get list watch create update patch delete deletecollection use bind impersonate proxy approve sign escalate attest *',
  ].flatMap((text) => text.split(' ')),
)
/** What rules name and no API serves. */
const WITHOUT_KIND = new Set(['users', 'groups'])
const PATH_VERBS = new Set(['get', 'put', 'post', 'head', 'options', 'delete', 'patch', '*'])

const kindOf = <T extends KubeObject>(invocation: Invocation, plural: string): Kind<T> =>
  invocation.resources.find(plural) as unknown as Kind<T>

const canI: Command = {
  name: 'can-i',
  short: 'Check whether an action is allowed',
  usage: 'VERB [TYPE | TYPE/NAME | NONRESOURCEURL] [options]',
  flags: [
    allNamespacesFlag,
    { name: 'list', type: 'bool', help: 'If true, prints all allowed actions.' },
    { name: 'no-headers', type: 'bool', help: 'If true, prints allowed actions without headers' },
    { name: 'quiet', short: 'q', type: 'bool', help: 'If true, suppress output and just return the exit code.' },
    { name: 'subresource', type: 'string', help: 'SubResource such as pod/log or deployment/scale' },
  ],
  run(invocation) {
    const { flags, args } = invocation
    const isAll = flags.bool('all-namespaces')
    if (flags.bool('list')) {
      if (args.length > 0) throw new KubectlError('list option must be specified with no arguments')
      if (flags.bool('quiet') || isAll || flags.string('subresource'))
        throw new KubectlError(
          "list option can't be specified with neither quiet, all-namespaces nor subresource options",
        )
      listRules(invocation)
      return 0
    }
    if (flags.bool('no-headers')) throw new KubectlError('--no-headers cannot be set without --list specified')
    if (args.length !== 2)
      throw new KubectlError(
        "you must specify two arguments: verb resource or verb resource/resourceName.\nSee 'kubectl auth can-i -h' for help and examples.",
      )
    const spec = questionOf(invocation, args[0], args[1], isAll ? '' : invocation.namespace)
    const review = invocation.client.create(kindOf<SelfSubjectAccessReview>(invocation, 'selfsubjectaccessreviews'), {
      metadata: {},
      spec,
    })
    const { allowed, reason } = review.status
    if (!flags.bool('quiet')) invocation.out(allowed ? 'yes\n' : `no${reason ? ` - ${reason}` : ''}\n`)
    return allowed ? 0 : 1
  },
}

function questionOf(
  invocation: Invocation,
  verb: string,
  what: string,
  namespace: string,
): SelfSubjectAccessReview['spec'] {
  const subresource = invocation.flags.string('subresource')
  if (what.startsWith('/')) {
    if (subresource) throw new KubectlError('--subresource can not be used with NonResourceURL')
    if (!PATH_VERBS.has(verb)) invocation.err(`Warning: verb '${verb}' is not a known verb\n\n`)
    return { nonResourceAttributes: { path: what, verb } }
  }
  const slash = what.indexOf('/')
  const typed = slash < 0 ? what : what.slice(0, slash)
  const name = slash < 0 ? '' : what.slice(slash + 1)
  const kind = typed === '*' ? undefined : invocation.resources.lookUp(typed)
  if (!kind && typed !== '*') discoverAgain(invocation)
  if (kind) readServed(invocation, kind)
  const [plural, ...rest] = typed.toLowerCase().split('.')
  const group = kind ? kind.group : rest.join('.')
  if (!kind && typed !== '*' && !WITHOUT_KIND.has(typed))
    invocation.err(
      `Warning: the server doesn't have a resource type '${plural}'${group ? ` in group '${group}'` : ''}\n\n`,
    )
  if (kind && !kind.isNamespaced && !invocation.flags.bool('all-namespaces'))
    invocation.err(
      `Warning: resource '${kind.plural}' is not namespace scoped${kind.group ? ` in group '${kind.group}'` : ''}\n\n`,
    )
  if (!RESOURCE_VERBS.has(verb)) invocation.err(`Warning: verb '${verb}' is not a known verb\n\n`)
  return {
    resourceAttributes: {
      ...(namespace ? { namespace } : {}),
      verb,
      ...(group ? { group } : {}),
      resource: kind?.plural ?? (typed === '*' ? '*' : plural),
      ...(subresource ? { subresource } : {}),
      ...(name ? { name } : {}),
    },
  }
}

function listRules(invocation: Invocation): void {
  const kind = kindOf<SelfSubjectRulesReview>(invocation, 'selfsubjectrulesreviews')
  const { status } = invocation.client.create(kind, { metadata: {}, spec: { namespace: invocation.namespace } })
  if (status.incomplete) invocation.err(`warning: the list may be incomplete: ${status.evaluationError ?? ''}\n`)
  const rows = ruleRows([...status.resourceRules, ...status.nonResourceRules])
  if (!invocation.flags.bool('no-headers')) rows.unshift(['Resources', 'Non-Resource URLs', 'Resource Names', 'Verbs'])
  invocation.out(layOut(rows.map((row) => `${row.join('\t')}\n`).join(''), tableTabs))
}

const whoami: Command = {
  name: 'whoami',
  short: 'Experimental: Check self subject attributes',
  usage: '[options]',
  flags: outputFlags,
  run(invocation) {
    const kind = kindOf<SelfSubjectReview>(invocation, 'selfsubjectreviews')
    const printer = objectPrinter(invocation, { keysOf: fieldsInOrder })
    const review = askWho(invocation, kind)
    if (printer) {
      invocation.out(printer.print(review, kind as unknown as Kind))
      return 0
    }
    const { username, uid, groups, extra = {} } = review.status.userInfo
    const rows = ['ATTRIBUTE\tVALUE', `Username\t${username}`]
    if (uid) rows.push(`UID\t${uid}`)
    if (groups?.length) rows.push(`Groups\t[${groups.join(' ')}]`)
    for (const key of Object.keys(extra).sort()) rows.push(`Extra: ${key}\t[${extra[key].join(' ')}]`)
    invocation.out(layOut(`${rows.join('\n')}\n`, tableTabs))
    return 0
  },
}

/** @throws KubectlError for somebody who may not ask even this */
function askWho({ client }: Invocation, kind: Kind<SelfSubjectReview>): SelfSubjectReview {
  try {
    return client.create(kind, { metadata: {} })
  } catch (error) {
    if (!isStatus(error, 'Forbidden')) throw error
    throw new KubectlError(
      'the selfsubjectreviews API is not enabled in the cluster or you do not have permission to call it',
    )
  }
}

const ORDER = ['kind', 'apiVersion', 'metadata', 'status', 'userInfo', 'username', 'uid', 'groups', 'extra']

/** Fields as Go's types have them. */
const fieldsInOrder: KeyOrder = (map) => givenKeys(map).toSorted((a, b) => ORDER.indexOf(a) - ORDER.indexOf(b))

export const auth: Command = {
  name: 'auth',
  short: 'Inspect authorization',
  usage: '[flags] [options]',
  failsAlone: 'stderr',
  subcommands: [canI, reconcile, whoami],
}
