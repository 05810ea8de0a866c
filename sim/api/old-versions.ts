/**
 * Versions of groups that older clusters served and that manifests still name. The server of today has dropped them; here
 * each is read as the version that took its place, for what manifests say in both is the same.
 */
const REPLACED: Readonly<Record<string, string>> = {
  // Still served beside v2; kinds say what they were called in it by Kind.fromOldVersion.
  'autoscaling/v1': 'autoscaling/v2',
  'autoscaling/v2beta2': 'autoscaling/v2',
  'batch/v1beta1': 'batch/v1',
  'discovery.k8s.io/v1beta1': 'discovery.k8s.io/v1',
  'policy/v1beta1': 'policy/v1',
}

/** The version that an apiVersion is read as. */
export const currentApiVersion = (apiVersion: string): string =>
  Object.hasOwn(REPLACED, apiVersion) ? REPLACED[apiVersion] : apiVersion
