import { unifiedMergeView } from '@codemirror/merge';
import { EditorState } from '@codemirror/state';
import { EditorView } from '@codemirror/view';
import { useEffect, useRef } from 'react';
import styles from './FileView.module.css';
import { reading, rootOf, usePhrases } from './TextView';

interface TextCompareProps {
  label: string;
  before: string;
  after: string;
}

/** One text with what went and what came marked in it. */
export function TextCompare({ label, before, after }: TextCompareProps) {
  const host = useRef<HTMLDivElement>(null);
  const phrases = usePhrases();
  useEffect(() => {
    if (!host.current) return;
    const root = rootOf(host.current);
    const extensions = [
      ...reading(label),
      phrases,
      EditorView.lineWrapping,
      unifiedMergeView({
        original: before,
        mergeControls: false,
        collapseUnchanged: { margin: 4, minSize: 8 },
      }),
    ];
    const view = new EditorView({
      state: EditorState.create({ doc: after, extensions }),
      parent: root,
      root,
    });
    return () => view.destroy();
  }, [label, before, after, phrases]);
  return <div ref={host} className={styles.code} />;
}
