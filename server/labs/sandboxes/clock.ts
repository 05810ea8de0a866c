/** A sandbox's virtual clock as a function of the wall clock. Pure. */

export interface ClockSetting {
  /** Virtual milliseconds to one of the wall clock; 0 is paused. */
  speed: number
  /** A moment on both clocks. */
  wallMs: number
  virtualMs: number
}

/** What the virtual clock shows, in whole milliseconds. */
export const virtualAt = ({ speed, wallMs, virtualMs }: ClockSetting, nowWallMs: number): number =>
  Math.floor(virtualMs + Math.max(0, nowWallMs - wallMs) * speed)

/** How long the wall clock takes until the virtual one shows that; infinite while it is paused. */
export const wallUntil = (clock: ClockSetting, virtualMs: number, nowWallMs: number): number =>
  clock.speed === 0 ? Number.POSITIVE_INFINITY : (virtualMs - clock.virtualMs) / clock.speed + clock.wallMs - nowWallMs
