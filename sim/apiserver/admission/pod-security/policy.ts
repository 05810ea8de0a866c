/**
 * What the labels of a Namespace ask of the Pods in it: a level and a version for each of three modes. Pure.
 * Source: k8s.io/pod-security-admission/api/helpers.go
 */
import { type FieldError, invalid } from '../../../api/meta/field-error.ts'

export type Level = 'privileged' | 'baseline' | 'restricted'

export interface LevelVersion {
  level: Level
  /** The minor version of v1, or Infinity for `latest`. */
  minor: number
}

export interface Policy {
  enforce: LevelVersion
  audit: LevelVersion
  warn: LevelVersion
}

const levels: readonly Level[] = ['privileged', 'baseline', 'restricted']
const LATEST = Number.POSITIVE_INFINITY

const labelOf = (name: string): string => `pod-security.kubernetes.io/${name}`

/** `restricted:latest`, `baseline:v1.29` */
export const printLevelVersion = ({ level, minor }: LevelVersion): string =>
  `${level}:${minor === LATEST ? 'latest' : `v1.${minor}`}`

export const isSamePolicy = (a: LevelVersion, b: LevelVersion): boolean => a.level === b.level && a.minor === b.minor

/** Positive when a asks more than b. */
export const compareLevels = (a: Level, b: Level): number => levels.indexOf(a) - levels.indexOf(b)

/**
 * The policy of a Namespace with these labels: privileged where they say nothing. A label that cannot be read counts as the
 * strictest for enforce, and as none for the modes that only tell; `warn` follows a stricter `enforce` that is written alone.
 */
export function policyOf(labels: Readonly<Record<string, string>> = {}): { policy: Policy; errors: FieldError[] } {
  const errors: FieldError[] = []
  const refuse = (label: string, value: string, why: string): void => {
    errors.push(invalid(`metadata.labels[${label}]`, value, why))
  }
  const readMode = (mode: keyof Policy, levelOnError: Level): LevelVersion & { isWritten: boolean } => {
    const level = labels[labelOf(mode)]
    const isWritten = level !== undefined && levels.includes(level as Level)
    if (level !== undefined && !isWritten) refuse(labelOf(mode), level, `must be one of ${levels.join(', ')}`)
    return {
      level: isWritten ? (level as Level) : level === undefined ? 'privileged' : levelOnError,
      minor: readVersion(mode),
      isWritten,
    }
  }
  const readVersion = (mode: keyof Policy): number => {
    const label = labelOf(`${mode}-version`)
    const version = labels[label]
    if (version === undefined || version === 'latest') return LATEST
    const minor = /^v1\.(0|[1-9]\d*)$/.exec(version)?.[1]
    if (minor === undefined) refuse(label, version, 'must be "latest" or "v1.x"')
    return minor === undefined ? LATEST : Number(minor)
  }
  const enforce = readMode('enforce', 'restricted')
  const audit = readMode('audit', 'privileged')
  const warn = readMode('warn', 'privileged')
  if (labels[labelOf('warn')] === undefined && enforce.isWritten && compareLevels(enforce.level, warn.level) > 0) {
    warn.level = enforce.level
    if (labels[labelOf('warn-version')] === undefined) warn.minor = enforce.minor
  }
  return { policy: { enforce, audit, warn }, errors }
}
