import { type FormEvent, useId, useRef, useState } from 'react';
import { useFormat } from '../../i18n/format';
import { useSpeech } from '../../i18n/language';
import { usePortalText } from '../../i18n/portal';
import { typedMoment } from '../../lib/typedMoment';
import { dayOf, endOfDay } from '../../lib/zoned';
import { IconButton } from '../../ui/Button';
import styles from './TimeBar.module.css';
import { useTimeKeys } from './useTimeKeys';

interface GoToMomentProps {
  /** The first moment there is, and the last. */
  range: readonly [string, string];
  current: string;
  /** A time, for the newest snapshot then or before. */
  onGo: (at: string) => void;
}

/** For who knows when: a date and a time as people write them, or a day of the calendar, which is shown as it was at its end. */
export function GoToMoment({ range, current, onGo }: GoToMomentProps) {
  const text = usePortalText();
  const format = useFormat();
  const { locale } = useSpeech();
  const id = useId();
  const line = useRef<HTMLInputElement>(null);
  const calendar = useRef<HTMLInputElement>(null);
  const [typed, setTyped] = useState('');
  const [isWrong, setWrong] = useState(false);
  useTimeKeys({ t: () => line.current?.focus() });
  const go = (when: Date) => {
    setTyped('');
    setWrong(false);
    onGo(when.toISOString().replace('.000', ''));
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (typed.trim() === '') return;
    const when = typedMoment(typed, { now: Date.now(), zone: format.zone, isDayFirst: locale !== 'en-US' });
    if (when) go(when);
    else setWrong(true);
  };
  return (
    <form className={styles.go} onSubmit={submit}>
      <input
        ref={line}
        type="text"
        autoComplete="off"
        spellCheck={false}
        aria-label={text('time.typed')}
        aria-invalid={isWrong}
        aria-describedby={isWrong ? id : undefined}
        placeholder={text('time.typed.example')}
        value={typed}
        onChange={(event) => {
          setTyped(event.target.value);
          setWrong(false);
        }}
        onKeyDown={(event) => {
          if (event.key !== 'Escape') return;
          setTyped('');
          setWrong(false);
          document.querySelector<HTMLElement>('[role=grid]')?.focus();
        }}
        className={styles.typed}
      />
      <IconButton
        isSmall
        icon="calendar"
        aria-label={text('time.day')}
        onPress={() => calendar.current?.showPicker()}
      />
      {/* The browser's own calendar, which opens by the button: the line beside it is for the keyboard. */}
      <input
        ref={calendar}
        type="date"
        tabIndex={-1}
        aria-hidden="true"
        min={dayOf(range[0], format.zone)}
        max={dayOf(range[1], format.zone)}
        value={dayOf(current, format.zone)}
        onChange={(event) => event.target.value && go(endOfDay(event.target.value, format.zone))}
        className={styles.calendar}
      />
      <p role="alert" id={id} className={styles.wrong}>
        {isWrong && text('time.typed.wrong')}
      </p>
    </form>
  );
}
