/** kubectl kustomize. Source: k8s.io/kubectl/pkg/cmd/kustomize, sigs.k8s.io/kustomize/kustomize/commands/build */
import type { Command } from '../command.ts'
import { KubectlError } from '../errors.ts'
import { buildKustomization } from '../kustomize/build.ts'
import { printYaml } from '../printers/yaml.ts'

const RESTRICTIONS = ['LoadRestrictionsRootOnly', 'LoadRestrictionsNone']

export const kustomize: Command = {
  name: 'kustomize',
  short: 'Build a kustomization target from a directory or URL',
  usage: 'DIR [options]',
  flags: [
    { name: 'output', short: 'o', type: 'string', help: 'If specified, write output to this path.' },
    {
      name: 'load-restrictor',
      type: 'string',
      default: 'LoadRestrictionsRootOnly',
      help: "if set to 'LoadRestrictionsNone', local kustomizations may load files from outside their root.",
    },
    { name: 'enable-helm', type: 'bool', help: 'Enable use of the Helm chart inflator generator.' },
    { name: 'enable-alpha-plugins', type: 'bool', help: 'enable kustomize plugins' },
    { name: 'helm-command', type: 'string', default: 'helm', help: 'helm command (path to executable)' },
    { name: 'network', type: 'bool', help: 'enable network access for functions that declare it' },
    { name: 'as-current-user', type: 'bool', help: 'use the uid and gid of the command executor' },
  ],
  run(invocation) {
    const { args, flags, context } = invocation
    if (args.length > 1) throw new KubectlError('specify one path to kustomization.yaml')
    const restrictor = flags.string('load-restrictor')
    if (!RESTRICTIONS.includes(restrictor)) {
      throw new KubectlError(
        `illegal flag value --load-restrictor ${restrictor}; legal values: [${RESTRICTIONS.join(' ')}]`,
      )
    }
    const objects = buildKustomization(context, args[0] ?? '.', { isRestricted: restrictor !== RESTRICTIONS[1] })
    const text = objects.map(printYaml).join('---\n')
    const path = flags.string('output')
    if (path) context.files.write(path, text)
    else invocation.out(text)
    return 0
  },
}
