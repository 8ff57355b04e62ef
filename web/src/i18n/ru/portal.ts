import type { portal as English } from '../en/portal';
import type { Translation } from '../message';

export const portal: Translation<typeof English> = {
  'home.title': 'Найти файл',
};
