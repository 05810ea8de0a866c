/** The release of the kernel that every node runs, and so each container on it. */
export const kernelVersion = '6.12.0'
