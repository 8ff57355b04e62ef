import { useAdminText } from '../../i18n/admin';
import { AUDIT_ACTIONS, AUDIT_OUTCOMES, type AuditState, auditState } from '../../routes/adminKeep';
import type { SetState } from '../../routes/useSearchState';
import { Button } from '../../ui/Button';
import { Select } from '../../ui/Choice';
import { DayFilter, NamedFilter } from '../parts/filters';
import { FilterBar } from '../parts/Page';
import { NOUNS } from '../rights';
import type { People } from '../users/people';

interface FiltersProps {
  state: AuditState;
  setState: SetState<AuditState>;
  people: People;
  isFiltered: boolean;
}

export function AuditFilters({ state, setState, people, isFiltered }: FiltersProps) {
  const text = useAdminText();
  return (
    <FilterBar>
      <NamedFilter
        label={text('audit.who')}
        value={state.who}
        onChange={(who) => setState({ who }, { isStep: true })}
        named={namedWith(people, state.who)}
      />
      <Select
        label={text('audit.action')}
        value={state.action}
        onChange={(action) => setState({ action }, { isStep: true })}
        options={[
          { value: 'any', label: text('filter.any') },
          ...AUDIT_ACTIONS.map((action) => ({ value: action, label: text(`audit.action.${action}`) })),
        ]}
      />
      <NamedFilter
        label={text('audit.resource')}
        value={state.resource}
        onChange={(resource) => setState({ resource }, { isStep: true })}
        named={NOUNS.map((noun) => ({ uid: noun, name: text(`noun.${noun}`) }))}
      />
      <Select
        label={text('audit.outcome')}
        value={state.outcome}
        onChange={(outcome) => setState({ outcome }, { isStep: true })}
        options={[
          { value: 'any', label: text('filter.any') },
          ...AUDIT_OUTCOMES.map((outcome) => ({ value: outcome, label: text(`audit.outcome.${outcome}`) })),
        ]}
      />
      <DayFilter label={text('filter.since')} value={state.since} onChange={(since) => setState({ since })} />
      <DayFilter
        label={text('filter.before')}
        value={state.until}
        onChange={(until) => setState({ until })}
      />
      {state.resource_uid && (
        <Button
          isSmall
          look="quiet"
          icon="close"
          onPress={() => setState({ resource_uid: '' }, { isStep: true })}
        >
          {text('audit.onlyThis', { uid: state.resource_uid.slice(0, 8) })}
        </Button>
      )}
      {isFiltered && (
        <Button look="quiet" icon="close" onPress={() => setState(auditState.read(''), { isStep: true })}>
          {text('filter.clear')}
        </Button>
      )}
    </FilterBar>
  );
}

/** The people there are, and whoever the address names that is none of them: a part of the server, or somebody who left. */
function namedWith(people: People, who: string) {
  const named = (people.all ?? []).map(({ uid, name }) => ({ uid, name }));
  return who && !named.some(({ uid }) => uid === who) ? [...named, { uid: who, name: who }] : named;
}
