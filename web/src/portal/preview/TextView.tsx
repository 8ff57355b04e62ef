//! Text of files: CodeMirror in a shadow root, where its styles are sheets of the root and no style elements, which the content
//! security policy forbids.
import { search, searchKeymap } from '@codemirror/search';
import { EditorState, type Extension } from '@codemirror/state';
import { EditorView, keymap, lineNumbers } from '@codemirror/view';
import { useEffect, useMemo, useRef } from 'react';
import { useSpeech } from '../../i18n/language';
import { usePortalText } from '../../i18n/portal';
import styles from './FileView.module.css';

interface TextViewProps {
  label: string;
  words: string;
  isWrapped: boolean;
}

export function TextView({ label, words, isWrapped }: TextViewProps) {
  const host = useRef<HTMLDivElement>(null);
  const phrases = usePhrases();
  useEffect(() => {
    if (!host.current) return;
    const root = rootOf(host.current);
    const extensions = [...reading(label), phrases, isWrapped ? EditorView.lineWrapping : []];
    const view = new EditorView({
      state: EditorState.create({ doc: words, extensions }),
      parent: root,
      root,
    });
    return () => view.destroy();
  }, [label, words, isWrapped, phrases]);
  return <div ref={host} className={styles.code} />;
}

/** A shadow root is made once, and stays with its element. */
export function rootOf(host: HTMLElement): ShadowRoot {
  return host.shadowRoot ?? host.attachShadow({ mode: 'open' });
}

/** What reading needs: lines with numbers, finding, and no writing. */
export const reading = (label: string): Extension[] => [
  EditorState.readOnly.of(true),
  EditorView.editable.of(false),
  EditorView.contentAttributes.of({ 'aria-label': label, 'aria-readonly': 'true', tabindex: '0' }),
  lineNumbers(),
  search({ top: true }),
  keymap.of(searchKeymap),
  look,
];

/** Tokens reach into a shadow root: they are inherited. */
const look = EditorView.theme({
  '&': { color: 'var(--ink)', backgroundColor: 'transparent', fontSize: '13px', height: '100%' },
  '&.cm-focused': { outline: '2px solid var(--accent)', outlineOffset: '-2px' },
  '.cm-scroller': { fontFamily: 'var(--mono)', lineHeight: '1.55' },
  '.cm-gutters': { color: 'var(--ink-soft)', backgroundColor: 'transparent', border: 'none' },
  '.cm-panels': {
    color: 'var(--ink)',
    backgroundColor: 'var(--sunken)',
    borderBottom: '1px solid var(--line)',
  },
  '.cm-textfield, .cm-button': {
    color: 'var(--ink)',
    background: 'var(--surface)',
    border: '1px solid var(--line-strong)',
    borderRadius: '4px',
    fontSize: '13px',
  },
  '.cm-searchMatch': { backgroundColor: 'var(--mark)' },
  '.cm-changedLine': { backgroundColor: 'color-mix(in srgb, var(--warn) 10%, transparent) !important' },
  '.cm-deletedChunk, .cm-insertedLine': { paddingLeft: '6px' },
});

/** What CodeMirror says of its own, in the language of the page. */
export function usePhrases(): Extension {
  const text = usePortalText();
  const { language } = useSpeech();
  return useMemo(
    () =>
      language === 'en'
        ? []
        : EditorState.phrases.of({
            Find: text('preview.find'),
            next: text('preview.find.next'),
            previous: text('preview.find.previous'),
            all: text('preview.find.all'),
            'match case': text('preview.find.case'),
            regexp: text('preview.find.pattern'),
            'by word': text('preview.find.word'),
            close: text('action.close'),
          }),
    [language, text],
  );
}
