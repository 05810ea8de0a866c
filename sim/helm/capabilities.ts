/** `.Capabilities`: what a cluster can do. Source: helm.sh/helm/v3/pkg/chartutil/capabilities.go */

import { CallError } from '../go-template/functions.ts'
import { GoStruct, typeName } from '../go-template/values.ts'
import { serverVersion } from '../version.ts'
import type { HelmContext } from './context.ts'
import { HelmError } from './errors.ts'
import { parseVersion } from './semver.ts'

export const helmVersion = 'v3.21.4'

/** The cluster's version as `v1.36.0`. */
export const clusterVersion = (context: HelmContext): string => context.serverVersion ?? serverVersion

/**
 * @param kubeVersion what --kube-version says
 * @param more what --api-versions says
 * @throws HelmError for a version that is none
 */
export function capabilitiesOf(context: HelmContext, kubeVersion = '', more: readonly string[] = []): GoStruct {
  const version = kubeVersion || clusterVersion(context)
  const parsed = parseVersion(version)
  if (!parsed) throw new HelmError(`invalid kube version '${kubeVersion}': invalid semantic version`)
  const full = `v${parsed.major}.${parsed.minor}.${parsed.patch}${parsed.prerelease ? `-${parsed.prerelease}` : ''}`
  const known = [...context.kinds, ...(context.versions ?? []).map(({ kind }) => kind)]
  const served = [
    ...new Set([...known.flatMap(({ apiVersion, kind }) => [apiVersion, `${apiVersion}/${kind}`]), ...more]),
  ].sort()
  const set = new Set(served)
  return new GoStruct('*chartutil.Capabilities', {
    KubeVersion: new GoStruct(
      'chartutil.KubeVersion',
      { Version: full, Major: String(parsed.major), Minor: String(parsed.minor) },
      { String: { params: '', run: () => full }, GitVersion: { params: '', run: () => full } },
    ),
    APIVersions: new GoStruct(
      'chartutil.VersionSet',
      {},
      {
        Has: {
          params: 'any',
          run: (name: unknown) => {
            if (typeof name !== 'string') throw new CallError(`expected string; got ${typeName(name)}`)
            return set.has(name)
          },
        },
        String: { params: '', run: () => `[${served.join(' ')}]` },
      },
    ),
    HelmVersion: new GoStruct('version.BuildInfo', {
      Version: helmVersion,
      GitCommit: '',
      GitTreeState: 'clean',
      GoVersion: '',
    }),
  })
}
