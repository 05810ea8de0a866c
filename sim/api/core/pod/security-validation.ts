/** What security contexts must be. Source: ValidateSecurityContext in kubernetes/pkg/apis/core/validation/validation.go */
import { utf8Length } from '../../meta/base64.ts'
import {
  duplicate,
  type FieldError,
  forbiddenField,
  invalid,
  notSupported,
  required,
  tooLong,
} from '../../meta/field-error.ts'
import { internalForm } from '../../schema/internal-form.ts'
import type { PodSecurityContext, PodSpec, SecurityContext } from '../pod-types.ts'
import { validateWindowsOptions } from './os-validation.ts'

const MAX_ID = 2 ** 31 - 1
/** Of a path. */
const LONGEST_PROFILE = 4095
const PROFILE_TYPES = ['Localhost', 'RuntimeDefault', 'Unconfined']
const GROUPS_POLICIES = ['Merge', 'Strict']
/** The other one is behind a gate that is off. */
const LABEL_POLICIES = ['Recursive']
const SYSCTL_NAME = '^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$'
const SYSCTL_RULE = new RegExp(SYSCTL_NAME)

const validateId = (id: number | undefined, path: string): FieldError[] =>
  id !== undefined && (id < 0 || id > MAX_ID) ? [invalid(path, id, `must be between 0 and ${MAX_ID}, inclusive`)] : []

/** @param hostUsers whether the Pod shares the user namespace of its node */
export function validateSecurityContext(
  context: SecurityContext | undefined,
  hostUsers: boolean,
  path: string,
): FieldError[] {
  if (!context) return []
  const errors = [
    ...validateId(context.runAsUser, `${path}.runAsUser`),
    ...validateId(context.runAsGroup, `${path}.runAsGroup`),
  ]
  const { procMount } = context
  if (procMount !== undefined) {
    if (procMount !== 'Default' && procMount !== 'Unmasked')
      errors.push(notSupported(`${path}.procMount`, procMount, ['Default', 'Unmasked']))
    if (hostUsers && procMount === 'Unmasked')
      errors.push(invalid(`${path}.procMount`, procMount, '`hostUsers` must be false to use `Unmasked`'))
  }
  errors.push(...validateSeccomp(context.seccompProfile, `${path}.seccompProfile`))
  if (context.allowPrivilegeEscalation === false) {
    if (context.privileged)
      errors.push(
        invalid(
          path,
          internalForm('SecurityContext', context),
          'cannot set `allowPrivilegeEscalation` to false and `privileged` to true',
        ),
      )
    if (context.capabilities?.add?.includes('CAP_SYS_ADMIN'))
      errors.push(
        invalid(
          path,
          internalForm('SecurityContext', context),
          'cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN',
        ),
      )
  }
  return [
    ...errors,
    ...validateWindowsOptions(context.windowsOptions, `${path}.windowsOptions`),
    ...validateAppArmor(context.appArmorProfile, `${path}.appArmorProfile`),
  ]
}

export function validatePodSecurityContext(
  context: PodSecurityContext | undefined,
  spec: PodSpec,
  path: string,
): FieldError[] {
  if (!context) return []
  const errors = [
    ...validateId(context.fsGroup, `${path}.fsGroup`),
    ...validateId(context.runAsUser, `${path}.runAsUser`),
    ...validateId(context.runAsGroup, `${path}.runAsGroup`),
    ...(context.supplementalGroups ?? []).flatMap((id, index) =>
      validateId(id, `${path}.supplementalGroups[${index}]`),
    ),
  ]
  if (spec.shareProcessNamespace && spec.hostPID)
    errors.push(
      invalid(`${path}.shareProcessNamespace`, true, 'ShareProcessNamespace and HostPID cannot both be enabled'),
    )
  errors.push(...validateSysctls(context, spec, `${path}.sysctls`))
  const policy = context.fsGroupChangePolicy
  if (policy !== undefined && policy !== 'Always' && policy !== 'OnRootMismatch')
    errors.push(notSupported(`${path}.fsGroupChangePolicy`, policy, ['Always', 'OnRootMismatch']))
  return [
    ...errors,
    ...validateSeccomp(context.seccompProfile, `${path}.seccompProfile`),
    ...validateWindowsOptions(context.windowsOptions, `${path}.windowsOptions`),
    ...validateAppArmor(context.appArmorProfile, `${path}.appArmorProfile`),
    ...oneOfPolicies(context.supplementalGroupsPolicy, GROUPS_POLICIES, `${path}.supplementalGroupsPolicy`),
    ...oneOfPolicies(context.seLinuxChangePolicy, LABEL_POLICIES, `${path}.seLinuxChangePolicy`),
  ]
}

const oneOfPolicies = (policy: unknown, known: readonly string[], path: string): FieldError[] =>
  policy === undefined || known.includes(policy as string) ? [] : [notSupported(path, policy, known)]

function validateSysctls({ sysctls = [] }: PodSecurityContext, spec: PodSpec, path: string): FieldError[] {
  const seen = new Set<string>()
  return sysctls.flatMap(({ name }, index) => {
    const at = `${path}[${index}].name`
    const errors: FieldError[] = []
    if (!name) errors.push(required(at))
    else if (name.length > 253 || !SYSCTL_RULE.test(name))
      errors.push(invalid(at, name, `must have at most 253 characters and match regex ${SYSCTL_NAME}`))
    else if (seen.has(name)) errors.push(duplicate(at, name))
    const dotted = (name ?? '').replaceAll('/', '.')
    if (spec.hostNetwork && dotted.startsWith('net.'))
      errors.push(invalid(at, name, "may not be specified when 'hostNetwork' is true"))
    if (spec.hostIPC && /^(kernel\.(sem|shm|msg)|fs\.mqueue\.)/.test(dotted))
      errors.push(invalid(at, name, "may not be specified when 'hostIPC' is true"))
    seen.add(name)
    return errors
  })
}

interface Profile {
  type: string
  localhostProfile?: string
}

function validateSeccomp(profile: Profile | undefined, path: string): FieldError[] {
  if (!profile) return []
  const errors: FieldError[] = []
  if (!profile.type) errors.push(required(`${path}.type`, 'type is required when seccompProfile is set'))
  else if (!PROFILE_TYPES.includes(profile.type)) errors.push(notSupported(`${path}.type`, profile.type, PROFILE_TYPES))
  const { localhostProfile } = profile
  if (profile.type !== 'Localhost') {
    if (localhostProfile !== undefined)
      errors.push(
        invalid(
          `${path}.localhostProfile`,
          internalForm('SeccompProfile', profile),
          'can only be set when seccomp type is Localhost',
        ),
      )
    return errors
  }
  if (localhostProfile === undefined)
    errors.push(required(`${path}.localhostProfile`, 'must be set when seccomp type is Localhost'))
  else if (localhostProfile.startsWith('/'))
    errors.push(invalid(`${path}.localhostProfile`, localhostProfile, 'must be a relative path'))
  else if (localhostProfile.split('/').includes('..'))
    errors.push(invalid(`${path}.localhostProfile`, localhostProfile, "must not contain '..'"))
  return errors
}

function validateAppArmor(profile: Profile | undefined, path: string): FieldError[] {
  if (!profile) return []
  const { type, localhostProfile } = profile
  const at = `${path}.localhostProfile`
  if (!type) return [required(`${path}.type`, 'type is required when appArmorProfile is set')]
  if (!PROFILE_TYPES.includes(type)) return [notSupported(`${path}.type`, type, PROFILE_TYPES)]
  if (type !== 'Localhost')
    return localhostProfile === undefined
      ? []
      : [invalid(at, localhostProfile, 'can only be set when AppArmor type is Localhost')]
  if (!localhostProfile) return [required(at, 'must be set when AppArmor type is Localhost')]
  const errors: FieldError[] = []
  if (localhostProfile.trim() !== localhostProfile)
    errors.push(invalid(at, localhostProfile, 'must not be padded with whitespace'))
  if (utf8Length(localhostProfile) > LONGEST_PROFILE) errors.push(tooLong(at, LONGEST_PROFILE))
  return errors
}

/** Namespaces of the node that a Pod with a user namespace of its own may not share. */
export function validateHostUsers(spec: PodSpec, path: string): FieldError[] {
  if (spec.hostUsers !== false) return []
  const why = 'when `hostUsers` is false'
  const errors: FieldError[] = []
  if (spec.hostNetwork) errors.push(forbiddenField(`${path}.hostNetwork`, why))
  if (spec.hostPID) errors.push(forbiddenField(`${path}.HostPID`, why))
  if (spec.hostIPC) errors.push(forbiddenField(`${path}.HostIPC`, why))
  for (const list of ['initContainers', 'containers', 'ephemeralContainers'] as const)
    for (const [n, { volumeDevices }] of (spec[list] ?? []).entries())
      if (volumeDevices?.length) errors.push(forbiddenField(`${path}.${list}[${n}].volumeDevices`, why))
  return errors
}
