/** Keys and values of ConfigMaps and Secrets, from --from-literal, --from-file and --from-env-file. Source: k8s.io/kubectl/pkg/util, pkg/cmd/util/env_file.go */
import { encodeBase64Text } from '../../../api/meta/base64.ts'
import type { FileContent } from '../../../scenario/types.ts'
import type { Invocation } from '../../command.ts'
import { KubectlError } from '../../errors.ts'
import { isStandardInput, readText } from '../../files.ts'
import type { Flag } from '../../flags.ts'

export const sourceFlags: readonly Flag[] = [
  { name: 'from-literal', type: 'array', help: 'Specify a key and literal value (i.e. mykey=somevalue)' },
  { name: 'from-file', type: 'list', help: 'A key file can be specified using its file path, or key=path.' },
  { name: 'from-env-file', type: 'list', help: 'Specify the path to a file to read lines of key=val pairs.' },
]

export const appendHashFlag: Flag = {
  name: 'append-hash',
  type: 'bool',
  help: 'Append a hash of the object to its name.',
}

/**
 * Every pair that the flags give: files, literals, lines of env files.
 * @param add refuses keys that are no good
 * @throws KubectlError for sources that can't be read
 */
export function readSources(invocation: Invocation, add: (key: string, value: FileContent) => void): void {
  const { flags } = invocation
  const envFiles = flags.list('from-env-file')
  if (envFiles.length > 0 && (flags.list('from-file').length > 0 || flags.list('from-literal').length > 0)) {
    throw new KubectlError('from-env-file cannot be combined with from-file or from-literal')
  }
  for (const source of flags.list('from-file')) addFiles(invocation, source, add)
  for (const literal of flags.list('from-literal')) {
    const equals = literal.indexOf('=')
    if (equals < 1) throw new KubectlError(`invalid literal source ${literal}, expected key=value`)
    add(literal.slice(0, equals), literal.slice(equals + 1))
  }
  for (const path of envFiles) addEnvironment(invocation, path, add)
}

/** `path`, `key=path`, or a folder, whose files are taken and whose folders are not. */
export function addFiles(
  { context }: Invocation,
  source: string,
  add: (key: string, value: FileContent) => void,
): void {
  const { files } = context
  const [first, second, ...rest] = source.split('=')
  if (rest.length > 0) throw new KubectlError("key names or file paths cannot contain '='")
  if (second !== undefined && first === '') throw new KubectlError(`key name for file path ${second} missing`)
  if (second === '') throw new KubectlError(`file path for key name ${first} missing`)
  const path = second ?? first
  const names = files.list(path)
  if (names) {
    if (second !== undefined) throw new KubectlError('cannot give a key name for a directory path')
    for (const name of names) {
      const content = files.read(`${path}/${name}`)
      if (content !== undefined) add(name, content)
    }
    return
  }
  const content = isStandardInput(path) ? context.stdin : files.read(path)
  if (content === undefined) throw new KubectlError(`error reading ${path}: no such file or directory`)
  add(second === undefined ? path.slice(path.lastIndexOf('/') + 1) : first, content)
}

const ENV_NAME = /^[-._a-zA-Z][-._a-zA-Z0-9]*$/

/** A name without a value takes it from the environment. */
function addEnvironment({ context }: Invocation, path: string, add: (key: string, value: FileContent) => void): void {
  if (context.files.list(path)) throw new KubectlError('env config file cannot be a directory')
  const text = readText(context, path)
  if (text === undefined) throw new KubectlError(`error reading ${path}: no such file or directory`)
  for (const line of text.replace(/^\ufeff/, '').split(/\r?\n/)) {
    const trimmed = line.trimStart()
    if (!trimmed || trimmed.startsWith('#')) continue
    const equals = trimmed.indexOf('=')
    const key = equals < 0 ? trimmed : trimmed.slice(0, equals)
    const problems = envNameErrors(key)
    if (problems.length > 0)
      throw new KubectlError(`${JSON.stringify(key)} is not a valid key name: ${problems.join(';')}`)
    add(key, equals < 0 ? (context.environment[key] ?? '') : trimmed.slice(equals + 1))
  }
}

/** Source: k8s.io/apimachinery/pkg/util/validation, IsEnvVarName */
export function envNameErrors(key: string): string[] {
  const errors = ENV_NAME.test(key)
    ? []
    : [
        "a valid environment variable name must consist of alphabetic characters, digits, '_', '-', or '.', and must not start with a digit (e.g. 'my.env-name',  or 'MY_ENV.NAME',  or 'MyEnvName1', regex used for validation is '[-._a-zA-Z][-._a-zA-Z0-9]*')",
      ]
  if (key === '.') errors.push("must not be '.'")
  else if (key === '..') errors.push("must not be '..'")
  else if (key.startsWith('..')) errors.push("must not start with '..'")
  return errors
}

export const encoded = (value: FileContent): string =>
  typeof value === 'string' ? encodeBase64Text(value) : value.base64

/** For keys that somebody chose: nothing stands under any name yet, `__proto__` and `constructor` among them. */
export const emptyRecord = (): Record<string, string> => Object.create(null)
