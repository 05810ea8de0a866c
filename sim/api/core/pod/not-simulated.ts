/** Fields of a Pod that are stored and checked but change nothing here. */

const FIELDS = [
  'volumes[].nfs',
  'volumes[].csi',
  'volumes[].ephemeral',
  'volumes[].persistentVolumeClaim',
  'volumes[].image',
  'containers[].volumeDevices',
  'containers[].resizePolicy',
  'containers[].securityContext.capabilities',
  'containers[].securityContext.privileged',
  'containers[].securityContext.procMount',
  'containers[].securityContext.seLinuxOptions',
  'containers[].securityContext.seccompProfile',
  'containers[].securityContext.appArmorProfile',
  'securityContext.sysctls',
  'securityContext.seLinuxOptions',
  'securityContext.seccompProfile',
  'securityContext.appArmorProfile',
  'hostPID',
  'hostIPC',
  'hostUsers',
  'runtimeClassName',
  'resourceClaims',
]

/** The paths below `prefix`, the path of a Pod spec. */
export const notSimulatedPodSpec = (prefix: string): readonly string[] => FIELDS.map((field) => `${prefix}.${field}`)
