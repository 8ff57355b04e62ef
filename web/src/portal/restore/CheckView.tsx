import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import type { Schemas } from '../../api/types';
import { useFormat } from '../../i18n/format';
import { type PortalWords, usePortalText } from '../../i18n/portal';
import { Button } from '../../ui/Button';
import { Select } from '../../ui/Choice';
import { ErrorNotice } from '../../ui/ErrorView';
import { Notice } from '../../ui/Status';
import { type Column, Table } from '../../ui/Table';
import { type Choice, type Restore, type Rule, reportQuery, type useRestoreVerb } from '../data/restores';
import styles from './Restore.module.css';

type Entry = Schemas['ReportEntryBody'];

const RULES: readonly Rule[] = ['keep_both', 'skip', 'if_newer', 'replace'];
const SHOWN_MAX = 200;

/** P8: what would happen, counted and by name, before anything does. */
export function CheckView({ restore, verb }: { restore: Restore; verb: ReturnType<typeof useRestoreVerb> }) {
  const text = usePortalText();
  const format = useFormat();
  const report = useQuery(reportQuery(restore.uid, 'check'));
  const [rule, setRule] = useState<Rule>(restore.on_conflict === 'ask' ? 'keep_both' : restore.on_conflict);
  const [choices, setChoices] = useState<ReadonlyMap<string, Rule>>(
    () => new Map(restore.choices.map((choice) => [choice.path, choice.rule])),
  );
  const conflicts = useMemo(
    () => (report.data?.entries ?? []).filter((entry) => entry.action === 'conflict').slice(0, SHOWN_MAX),
    [report.data],
  );
  const check = restore.check;
  if (!check) return null;
  const isTight = check.bytes_free != null && check.bytes_free < check.bytes;
  const left = conflicts.filter((entry) => (choices.get(entry.item) ?? rule) === 'skip').length;
  const files = check.create + check.beside + check.replace + check.conflict - left;
  const counts: [keyof PortalWords & `check.${string}`, number][] = [
    ['check.create', check.create],
    ['check.beside', check.beside],
    ['check.replace', check.replace],
    ['check.same', check.same],
    ['check.skip', check.skip],
    ['check.conflict', check.conflict],
    ['check.errors', check.errors],
  ];
  const options = RULES.map((value) => ({ value, label: text(`rule.${value}` as 'rule.keep_both') }));
  const columns: Column<Entry>[] = [
    {
      id: 'path',
      head: text('column.name'),
      cell: (entry) => <span className={styles.path}>{entry.path}</span>,
    },
    {
      id: 'size',
      head: text('column.size'),
      isRight: true,
      isExtra: true,
      cell: (entry) => format.size(entry.bytes),
    },
    {
      id: 'rule',
      head: text('restore.conflict'),
      cell: (entry) => (
        <Select
          label={text('restore.ruleFor', { path: entry.path })}
          isLabelHidden
          value={choices.get(entry.item) ?? rule}
          options={options}
          onChange={(chosen) => setChoices(new Map([...choices, [entry.item, chosen]]))}
        />
      ),
    },
  ];
  const start = () => {
    const chosen: Choice[] = [...choices].map(([path, one]) => ({ path, rule: one }));
    verb.mutate({ verb: 'start', on_conflict: rule, choices: chosen });
  };
  return (
    <>
      <section className={styles.card}>
        <p>{text('check.nothingWritten', { folder: check.target })}</p>
        <dl className={styles.counts}>
          {counts
            .filter(([, count]) => count > 0)
            .map(([key, count]) => (
              <div key={key}>
                <dt>{text(key as 'check.create')}</dt>
                <dd>{format.number(count)}</dd>
              </div>
            ))}
          <div>
            <dt>{text('check.bytes')}</dt>
            <dd>
              {format.size(check.bytes)}
              {check.bytes_free != null && (
                <span className={styles.soft}>
                  {' '}
                  {text('check.free', { size: format.size(check.bytes_free) })}
                </span>
              )}
            </dd>
          </div>
        </dl>
        {isTight && <Notice tone="bad">{text('check.tight')}</Notice>}
      </section>
      {report.error && <ErrorNotice error={report.error} onRetry={() => void report.refetch()} />}
      {conflicts.length > 0 && (
        <section className={styles.card} aria-labelledby="conflicts">
          <header className={styles.head}>
            <h2 id="conflicts">{text('check.inTheWay', { n: conflicts.length })}</h2>
            <Select
              label={text('check.forAll')}
              value={rule}
              options={options}
              onChange={(chosen) => {
                setRule(chosen);
                setChoices(new Map());
              }}
            />
          </header>
          <Table
            label={text('check.conflict')}
            rows={conflicts}
            columns={columns}
            keyOf={(entry) => `${entry.item}${entry.path}`}
          />
        </section>
      )}
      <div className={styles.actions}>
        <Button look="primary" icon="restore" isPending={verb.isPending} onPress={start}>
          {text('restore.start', { n: Math.max(files, 0) })}
        </Button>
      </div>
    </>
  );
}
