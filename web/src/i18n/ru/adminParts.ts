import type { adminParts as English } from '../en/adminParts';
import type { Translation } from '../message';

export const adminParts: Translation<typeof English> = {
  'list.actions': 'Действия',
  'filter.any': 'Все',
  'filter.clear': 'Сбросить',
  'filter.since': 'С',
  'filter.before': 'По',
  'form.required': 'Заполните это поле',
  'form.choose': 'Выберите одно из списка',
  'form.long': 'Слишком длинно',
  'form.slug': 'Строчные латинские буквы, цифры и дефисы; в начале и в конце — буква или цифра',
  'form.email': 'Это не адрес электронной почты',
  'form.count': 'Введите целое число или оставьте поле пустым',
  'form.amount': 'Введите число или оставьте поле пустым',
  'form.large': 'Слишком много',
  'form.day': 'Это не дата',
  'time.never': 'никогда',
  'value.unlimited': 'Без ограничения',
  'error.stale': 'Тем временем кто-то это изменил. Данные загружены заново: проверьте их и повторите.',
};
