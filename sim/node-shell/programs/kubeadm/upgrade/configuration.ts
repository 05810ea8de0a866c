/**
 * What an upgrade is told: by flags, or in an UpgradeConfiguration. Simplified: images are on the node already, however they are pulled.
 * Sources: cmd/kubeadm/app/util/config/upgradeconfiguration.go, apis/kubeadm/v1beta4/types.go, apis/kubeadm/validation/validation.go
 */
import { isRecord } from '../../../../api/meta/json.ts'
import { listOf, openFile } from '../../../../components/component.ts'
import { type Invocation, KubeadmError } from '../command-line.ts'
import {
  type ConfigurationKind,
  documentOf,
  type Fields,
  fieldOf,
  isFlag,
  isText,
  isTexts,
} from '../configuration-file.ts'

/** What a command asks about; the flag that says the same, where one does. */
interface Field {
  readonly name: string
  readonly type: 'bool' | 'int' | 'string' | '[]string'
  readonly flag?: string
}

const release: Field = { name: 'kubernetesVersion', type: 'string' }
const ignored: Field = { name: 'ignorePreflightErrors', type: '[]string' }
const skipped: Field = { name: 'skipPhases', type: '[]string' }
const dryRun: Field = { name: 'dryRun', type: 'bool', flag: 'dry-run' }
const etcdUpgrade: Field = { name: 'etcdUpgrade', type: 'bool', flag: 'etcd-upgrade' }
const renewal: Field = { name: 'certificateRenewal', type: 'bool', flag: 'certificate-renewal' }
const pulls: readonly Field[] = [
  { name: 'imagePullPolicy', type: 'string' },
  { name: 'imagePullSerial', type: 'bool' },
]
const asked: readonly Field[] = [
  { name: 'allowExperimentalUpgrades', type: 'bool', flag: 'allow-experimental-upgrades' },
  { name: 'allowRCUpgrades', type: 'bool', flag: 'allow-release-candidate-upgrades' },
  { name: 'printConfig', type: 'bool', flag: 'print-config' },
]

export type Section = 'apply' | 'diff' | 'node' | 'plan'

const sections: Readonly<Record<Section, { readonly struct: string; readonly fields: readonly Field[] }>> = {
  apply: {
    struct: 'UpgradeApplyConfiguration',
    fields: [
      release,
      ...asked,
      renewal,
      dryRun,
      etcdUpgrade,
      { name: 'forceUpgrade', type: 'bool', flag: 'force' },
      ignored,
      skipped,
      ...pulls,
    ],
  },
  diff: {
    struct: 'UpgradeDiffConfiguration',
    fields: [release, { name: 'contextLines', type: 'int', flag: 'context-lines' }],
  },
  node: {
    struct: 'UpgradeNodeConfiguration',
    fields: [renewal, dryRun, etcdUpgrade, ignored, skipped, ...pulls],
  },
  plan: {
    struct: 'UpgradePlanConfiguration',
    // That it is a trial goes without saying.
    fields: [release, ...asked, { name: 'dryRun', type: 'bool' }, etcdUpgrade, ignored],
  },
}

const namesOf = (section: Section): string[] => sections[section].fields.map(({ name }) => name)

const kind: ConfigurationKind = {
  name: 'UpgradeConfiguration',
  warnsAt: { ignored: 'upgradeconfiguration.go:42', unknown: 'upgradeconfiguration.go:54' },
  versions: ['v1beta4'],
  fields: {
    '': ['apiVersion', 'kind', 'apply', 'diff', 'node', 'plan', 'timeouts'],
    apply: [...namesOf('apply'), 'patches'],
    diff: namesOf('diff'),
    node: [...namesOf('node'), 'patches'],
    plan: namesOf('plan'),
  },
}

const isOfType: Readonly<Record<Field['type'], (value: unknown) => boolean>> = {
  bool: isFlag,
  int: Number.isInteger,
  string: isText,
  '[]string': isTexts,
}

export interface Told {
  /** With what the file says where no flag does; without the file. */
  readonly invocation: Invocation
  /** By the argument, or else by the file; '' where neither does. */
  readonly release: string
  /** By the file. */
  readonly skipPhases: readonly string[]
}

/** What a command is told, of which the file has a section. @throws KubeadmError, CommandFailed */
export function toldOf(invocation: Invocation, section: Section): Told {
  const path = invocation.flags.get('config') ?? ''
  const found = path === '' ? new Map<string, unknown>() : fromFile(invocation, path, section)
  const flags = new Map(invocation.flags)
  for (const { name, flag } of sections[section].fields) {
    const value = found.get(name)
    // A context of no lines is one that is not told.
    if (flag !== undefined && value !== undefined && value !== 0 && !flags.has(flag)) flags.set(flag, String(value))
  }
  const texts = (name: string): readonly string[] => (found.get(name) as string[] | undefined) ?? []
  const ignore = [
    ...new Set([...texts('ignorePreflightErrors'), ...listOf(flags.get('ignore-preflight-errors'))].map(lowerCase)),
  ].sort()
  if (ignore.includes('all') && ignore.length > 1)
    throw new KubeadmError(
      `ignore-preflight-errors: Invalid value: ${JSON.stringify(ignore.join(','))}: don't specify individual checks if 'all' is used`,
    )
  if (ignore.length > 0) flags.set('ignore-preflight-errors', ignore.join(','))
  if (flags.get('patches')) throw new KubeadmError('podium: patches of manifests are not simulated')
  const [given] = invocation.args
  return {
    invocation: { ...invocation, flags },
    release: invocation.args.length === 1 ? given! : ((found.get('kubernetesVersion') as string | undefined) ?? ''),
    skipPhases: texts('skipPhases'),
  }
}

const lowerCase = (text: string): string => text.toLowerCase()

/** Fields of a section by name; those of the others have to be right too. */
function fromFile({ process }: Invocation, path: string, wanted: Section): ReadonlyMap<string, unknown> {
  const text = openFile(process, path, (why) => `unable to load config from file ${JSON.stringify(path)}: ${why}`)
  const document = documentOf(process, text, kind)
  const problems: string[] = []
  const found = new Map<string, unknown>()
  for (const section of Object.keys(sections) as Section[]) {
    const { struct, fields } = sections[section]
    const of = fieldOf<Fields>(document, kind.name, section, `v1beta4.${struct}`, isRecord) ?? {}
    if (of.patches) throw new KubeadmError(`podium: patches of an UpgradeConfiguration are not simulated`)
    for (const { name, type } of fields) {
      const value = fieldOf<unknown>(of, struct, `${section}.${name}`, type, isOfType[type])
      if (section === wanted && value !== undefined) found.set(name, value)
      if (name === 'imagePullPolicy' && !['', 'Always', 'IfNotPresent', 'Never'].includes(String(value ?? '')))
        problems.push(`${section}.${name}: Invalid value: ${JSON.stringify(value)}: invalid pull policy`)
    }
  }
  if (problems.length > 0) throw new KubeadmError(problems.length === 1 ? problems[0]! : `[${problems.join(', ')}]`)
  if (document.timeouts) throw new KubeadmError('podium: timeouts of an UpgradeConfiguration are not simulated')
  return found
}
