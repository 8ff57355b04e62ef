import type { Schemas } from '../../api/types';
import { useFormat } from '../../i18n/format';
import { usePortalText } from '../../i18n/portal';
import { classes } from '../../lib/classes';
import { Icon } from '../../ui/Icon';
import styles from './Search.module.css';

const SHOWN_MAX = 6;

interface FacetsProps {
  facets: Schemas['FacetsBody'];
  q: string;
  onChange: (q: string) => void;
}

/** What was found, by extension: pressed, it narrows the question; pressed again, it does not. */
export function Facets({ facets, q, onChange }: FacetsProps) {
  const text = usePortalText();
  const format = useFormat();
  const words = q.split(/\s+/);
  const counts = new Map(facets.extensions.map((facet) => [facet.query, facet]));
  const asked = words.filter((word) => word.startsWith('ext:'));
  const shown = [
    ...asked.map((query) => counts.get(query) ?? { query, value: query.slice(4), count: null }),
    ...facets.extensions.filter((facet) => !asked.includes(facet.query)),
  ].slice(0, SHOWN_MAX);
  if (shown.length < 2 && asked.length === 0) return null;
  return (
    <ul aria-label={text('search.facets')} className={styles.facets}>
      {shown.map((facet) => {
        const isOn = asked.includes(facet.query);
        const next = isOn ? words.filter((word) => word !== facet.query) : [...words, facet.query];
        return (
          <li key={facet.query}>
            <button
              type="button"
              aria-pressed={isOn}
              // Every version of a file counts here.
              title={facet.count === null ? undefined : text('count.versions', { n: facet.count })}
              className={classes(styles.facet, isOn && styles.on)}
              onClick={() => onChange(next.filter(Boolean).join(' '))}
            >
              .{facet.value}
              {facet.count !== null && <span className={styles.soft}>{format.number(facet.count)}</span>}
              {isOn && <Icon name="close" />}
            </button>
          </li>
        );
      })}
    </ul>
  );
}
