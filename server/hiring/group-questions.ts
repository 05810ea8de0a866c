/** What candidates may say of themselves, of their own will, once they have handed in. Which of it is asked is decided for each exercise. Pure. */
import { msg } from '../i18n/translate.ts'
import type { ExercisePlan, GroupQuestionId } from '../sittings/exercise-schema.ts'

/** Texts for `t`. */
export interface GroupQuestion {
  /** In a list. */
  title: string
  /** As the candidate is asked. */
  asks: string
  /** By id. */
  groups: Readonly<Record<string, string>>
}

export const groupQuestions: Readonly<Record<GroupQuestionId, GroupQuestion>> = {
  gender: {
    title: msg('Gender'),
    asks: msg('What is your gender?'),
    groups: { woman: msg('Woman'), man: msg('Man'), other: msg('Another gender') },
  },
  age: {
    title: msg('Age group'),
    asks: msg('How old are you?'),
    groups: { under40: msg('Under 40'), over40: msg('40 or older') },
  },
  language: {
    title: msg('First language'),
    asks: msg('Is the language of this exercise your first language?'),
    groups: { first: msg('Yes, it is my first language'), other: msg('No, another one is') },
  },
  minority: {
    title: msg('Ethnic minority'),
    asks: msg('Do you belong to an ethnic minority where you live?'),
    groups: { minority: msg('Yes, to a minority'), majority: msg('No, to no minority') },
  },
  disability: {
    title: msg('Disability'),
    asks: msg('Do you have a disability or a lasting health condition?'),
    groups: { yes: msg('Yes, a disability or lasting condition'), no: msg('No, neither') },
  },
}

/** The usual ones of a new exercise. */
export const usualGroupQuestions: GroupQuestionId[] = ['gender', 'age', 'language']

/** Without a pass bar nobody is told apart, so that there would be nothing to ask for. */
export const asksOf = ({
  passBar,
  asksGroups = [],
}: Pick<ExercisePlan, 'passBar' | 'asksGroups'>): GroupQuestionId[] => (passBar === null ? [] : asksGroups)
