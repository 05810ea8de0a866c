/** Which groups' counts may be told without saying something of a person. Pure. */
import type { GroupCount } from './adverse-impact.ts'
import { fewestOfGroup, fewestOutside } from './thresholds.ts'

/**
 * Whoever is told the counts knows of each person whether they were selected, and how many people there are in all. So
 * - a group of few is not told;
 * - those who are in no told group, since they said nothing or theirs is small, are nobody or some: one of them alone could be found by subtraction;
 * - of the selected, and of the others, some are outside of each told group: if all of them were in one, everybody would know which.
 * Where this does not hold the smallest told group is not told either. One group alone compares with nothing.
 * @param all people, in whichever group or in none
 */
export function tellableGroups(
  groups: readonly GroupCount[],
  all: Pick<GroupCount, 'people' | 'selected'>,
): GroupCount[] {
  let told = groups.filter(({ people }) => people >= fewestOfGroup).sort((a, b) => b.people - a.people)
  while (told.length > 1 && !isSafe(told, all)) told = told.slice(0, -1)
  return told.length > 1 ? told : []
}

function isSafe(told: readonly GroupCount[], all: Pick<GroupCount, 'people' | 'selected'>): boolean {
  const rest = all.people - told.reduce((sum, { people }) => sum + people, 0)
  if (rest > 0 && rest < fewestOutside) return false
  const others = all.people - all.selected
  return told.every(
    ({ people, selected }) =>
      (all.selected === 0 || all.selected - selected >= fewestOutside) &&
      (others === 0 || others - (people - selected) >= fewestOutside),
  )
}
