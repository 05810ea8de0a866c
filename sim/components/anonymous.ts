/**
 * Who may come to the API server and show nothing: what --anonymous-auth says, or the file of --authentication-config. Simplified: of the
 * file nothing else is read, and a change of it is seen at the next start. Source: kubernetes/pkg/kubeapiserver/options/authentication.go
 */
import { isMap } from '../api/meta/go-json.ts'
import { KubectlError } from '../kubectl/errors.ts'
import { parseYamlValue } from '../kubectl/yaml.ts'
import type { Process } from '../runtime/process.ts'
import { CommandFailed, type Flags, isTrue, openFile } from './component.ts'

/** By the path of a request. */
export type AdmitsAnonymous = (path: string) => boolean

/** @throws CommandFailed for a file that cannot be read, or one that says it as the flag does */
export function anonymousOf(process: Process, flags: Flags): AdmitsAnonymous {
  const file = flags.get('authentication-config')
  const flag = flags.get('anonymous-auth')
  const configured = file ? readConfiguration(process, file).anonymous : undefined
  if (!isMap(configured)) {
    const isOpen = flag === undefined || isTrue(flag)
    return () => isOpen
  }
  if (flag !== undefined)
    throw new CommandFailed(
      'anonymous: Forbidden: --anonymous-auth flag cannot be set when anonymous field is configured in authentication configuration file',
    )
  const conditions = Array.isArray(configured.conditions) ? configured.conditions.filter(isMap) : []
  if (configured.enabled !== true && conditions.length > 0)
    throw new CommandFailed(
      `invalid authentication configuration: anonymous.conditions: Invalid value: ${JSON.stringify(conditions)}: enabled should be set to true when conditions are defined`,
    )
  const paths = new Set(conditions.map(({ path }) => path))
  return (path) => configured.enabled === true && (paths.size === 0 || paths.has(path))
}

/** @throws CommandFailed */
function readConfiguration(process: Process, path: string): Record<string, unknown> {
  const text = openFile(process, path)
  if (text === '') throw new CommandFailed('empty config data')
  let value: unknown
  try {
    value = parseYamlValue(text)
  } catch (error) {
    if (!(error instanceof KubectlError)) throw error
    throw new CommandFailed(error.message)
  }
  const { kind, apiVersion } = isMap(value) ? value : {}
  if (!isMap(value) || !kind) throw new CommandFailed(`Object 'Kind' is missing in '${text}'`)
  if (
    kind !== 'AuthenticationConfiguration' ||
    !/^apiserver\.config\.k8s\.io\/v1(beta1|alpha1)?$/.test(`${apiVersion}`)
  )
    throw new CommandFailed(
      `no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(apiVersion)} in scheme "k8s.io/apiserver/pkg/apis/apiserver/install/install.go"`,
    )
  return value
}
