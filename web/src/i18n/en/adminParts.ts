import type { Catalogue } from '../message';

/** What forms and filters of the console say. */
export const adminParts = {
  'list.actions': 'What can be done',
  'filter.any': 'Any',
  'filter.clear': 'Show all',
  'filter.since': 'From',
  'filter.before': 'Until',
  'form.required': 'Write something here',
  'form.choose': 'Choose one',
  'form.long': 'This is too long',
  'form.slug': 'Lower-case letters, digits and hyphens, beginning and ending with a letter or a digit',
  'form.email': 'This is not an e-mail address',
  'form.count': 'Write a whole number, or leave it empty',
  'form.amount': 'Write a number, or leave it empty',
  'form.large': 'This is too much',
  'form.day': 'This is not a day',
  'time.never': 'never',
  'value.unlimited': 'No limit',
  'error.stale': 'Somebody else has changed it meanwhile. It was loaded anew: look again, then change it.',
} as const satisfies Catalogue;
