/**
 * Devices that Pods claim. Claims are not simulated: what is left is that no Pod holds one, which the plugin says whenever a
 * Pod fits nowhere. Source: dynamicresources/dynamicresources.go (PostFilter), on in every cluster since v1.34
 */
import type { SchedulerPlugin } from '../framework.ts'

export const dynamicResources = (): SchedulerPlugin => ({
  name: 'DynamicResources',
  postFilter: () => ({ message: 'no new claims to deallocate' }),
})
