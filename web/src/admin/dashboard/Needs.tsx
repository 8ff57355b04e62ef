import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { Link } from 'wouter';
import { useAdminText } from '../../i18n/admin';
import { useFormat } from '../../i18n/format';
import { useNow } from '../../lib/useNow';
import { toKeep } from '../../routes/adminKeep';
import { toWatch } from '../../routes/adminWatch';
import { Button } from '../../ui/Button';
import { Notice, Status } from '../../ui/Status';
import { useOrgUid } from '../console';
import { agentsQuery, repositoriesQuery } from '../names';
import { Part } from '../parts/Page';
import styles from './Needs.module.css';
import { type Need, needsOf, toneOf } from './needs';
import type { Protection, SourceProtection } from './protection';

const SHOWN = 8;

/** What somebody has to do something about; and that there is nothing, if there is nothing. */
export function Needs({ protection }: { protection: Protection }) {
  const text = useAdminText();
  const org = useOrgUid();
  const now = useNow();
  const repositories = useQuery(repositoriesQuery(org)).data ?? [];
  const agents = useQuery(agentsQuery(org)).data ?? [];
  const [isWhole, setWhole] = useState(false);
  const needs = needsOf(protection, repositories, agents, now);
  const shown = isWhole ? needs : needs.slice(0, SHOWN);
  return (
    <Part title={text('needs.title', { n: needs.length })}>
      {needs.length === 0 ? (
        <Notice tone="good">{text('needs.none')}</Notice>
      ) : (
        <ol className={styles.needs}>
          {shown.map((need) => (
            <NeedLine key={keyOf(need)} need={need} />
          ))}
        </ol>
      )}
      {shown.length < needs.length && (
        <div>
          <Button isSmall onPress={() => setWhole(true)}>
            {text('needs.more', { n: needs.length - shown.length })}
          </Button>
        </div>
      )}
    </Part>
  );
}

function keyOf(need: Need): string {
  if ('source' in need) return `${need.kind} ${need.source.source}`;
  if ('repository' in need) return `${need.kind} ${need.repository.uid}`;
  return 'verified' in need ? `${need.kind} ${need.verified.repository}` : `${need.kind} ${need.agent.uid}`;
}

function NeedLine({ need }: { need: Need }) {
  const text = useAdminText();
  const format = useFormat();
  switch (need.kind) {
    case 'failed':
      return (
        <Line need={need} title={nameOf(need.source)} link={jobLink(need.source)}>
          {need.source.last_end?.why ?? text('needs.failed')}
        </Line>
      );
    case 'late':
      return <Late source={need.source} need={need} />;
    case 'never':
      return (
        <Line need={need} title={nameOf(need.source)} link={toWatch.agent(need.source.agent)}>
          {text('needs.never')}
        </Line>
      );
    case 'unplanned':
      return (
        <Line need={need} title={nameOf(need.source)} link={toWatch.newPlan({ source: need.source.source })}>
          {text('needs.unplanned')}
        </Line>
      );
    case 'fault':
      return (
        <Line need={need} title={need.repository.name} link={toKeep.repository(need.repository.uid)}>
          {need.repository.fault}
        </Line>
      );
    case 'verifyFailed':
      return (
        <Line
          need={need}
          title={need.verified.name}
          link={
            need.verified.last
              ? toWatch.job(need.verified.last.job)
              : toKeep.repository(need.verified.repository)
          }
        >
          {need.verified.last?.why ?? text('needs.verifyFailed')}
        </Line>
      );
    case 'verifyOld':
      return (
        <Line
          need={need}
          title={need.verified.name}
          link={toKeep.repository(need.verified.repository, 'upkeep')}
        >
          {need.verified.last
            ? text('needs.verifyOld', { when: format.date(need.verified.last.at) })
            : text('needs.verifyNever')}
        </Line>
      );
    case 'clock':
      return (
        <Line need={need} title={need.agent.name} link={toWatch.agent(need.agent.uid)}>
          {text('agent.clock.wrong', {
            time: format.duration(Math.abs(need.agent.clock_skew_ms ?? 0) / 1000),
          })}
        </Line>
      );
  }
}

function Late({ need, source }: { need: Need; source: SourceProtection }) {
  const text = useAdminText();
  const format = useFormat();
  const now = useNow();
  const saved = source.last_success_at
    ? text('needs.late', { when: format.ago(source.last_success_at, now) })
    : text('needs.never');
  return (
    <Line need={need} title={nameOf(source)} link={toWatch.agent(source.agent)}>
      {saved} {source.last_seen_at && text('needs.seen', { when: format.ago(source.last_seen_at, now) })}
    </Line>
  );
}

interface LineProps {
  need: Need;
  title: string;
  link: string;
  children: ReactNode;
}

function Line({ need, title, link, children }: LineProps) {
  const text = useAdminText();
  return (
    <li className={styles.need}>
      <Status tone={toneOf(need)}>{text(`needs.kind.${need.kind}`)}</Status>
      <Link href={link} className={styles.title}>
        {title}
      </Link>
      <span className={styles.words}>{children}</span>
    </li>
  );
}

const nameOf = (source: SourceProtection) => `${source.name} · ${source.agent_name}`;

const jobLink = ({ last_end, agent }: SourceProtection) =>
  last_end ? toWatch.job(last_end.job) : toWatch.agent(agent);
