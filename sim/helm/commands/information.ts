/** helm version and env: what this program is, and where it keeps things. */
import { helmVersion } from '../capabilities.ts'
import type { HelmCommand } from '../context.ts'

export const version: HelmCommand = {
  name: 'version',
  short: 'print the helm version information',
  usage: 'version',
  args: 'none',
  flags: [
    { name: 'short', type: 'bool', help: 'print the version number' },
    { name: 'template', type: 'string', help: 'template for version string format' },
  ],
  run(call) {
    call.out(
      call.flags.bool('short')
        ? `${helmVersion}\n`
        : `version.BuildInfo{Version:"${helmVersion}", GitCommit:"", GitTreeState:"clean", GoVersion:"go1.26"}\n`,
    )
    return 0
  },
}

export const env: HelmCommand = {
  name: 'env',
  short: 'helm client environment information',
  usage: 'env',
  args: { atMost: 1 },
  run(call) {
    const { HOME = '', KUBECONFIG = '' } = call.context.environment
    const values: Record<string, string> = {
      HELM_BIN: 'helm',
      HELM_CACHE_HOME: `${HOME}/.cache/helm`,
      HELM_CONFIG_HOME: `${HOME}/.config/helm`,
      HELM_DATA_HOME: `${HOME}/.local/share/helm`,
      HELM_DEBUG: String(call.isDebug),
      HELM_KUBECONTEXT: call.flags.string('kube-context'),
      HELM_MAX_HISTORY: '10',
      HELM_NAMESPACE: call.namespace,
      HELM_REPOSITORY_CONFIG: `${HOME}/.config/helm/repositories.yaml`,
      KUBECONFIG,
    }
    const [name] = call.args
    if (name !== undefined) call.out(`${values[name] ?? ''}\n`)
    else
      call.out(
        Object.entries(values)
          .map(([key, value]) => `${key}="${value}"\n`)
          .join(''),
      )
    return 0
  },
}
