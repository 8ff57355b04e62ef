//! A place in a tree, and what may be done there.

use super::{Effect, Limits, OwnedBy, Rule, Use, Uses, View};

/// How something is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sight {
    /// Not at all: as if it were not there.
    Hidden,
    /// If it is a folder: its name alone, as the way to what is seen below it.
    Bare,
    /// With all that is known of it.
    Seen,
}

/// How far one has walked down a tree, and under which rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    depth: usize,
    /// What rules for everybody's files give here.
    given: Uses,
    /// What is taken here, and so below.
    taken: Uses,
    limits: Option<Limits>,
    /// Positions of rules for an owner's files that reach to here.
    owned: Vec<usize>,
    /// Whether what lies here is the owner's too, for each of `owned`: at a rule's own path it may be anybody's.
    mine: Vec<bool>,
    /// Positions of rules whose paths lie below.
    ahead: Vec<usize>,
}

impl Place {
    pub(super) fn root(view: &View) -> Self {
        let mut root = Self {
            depth: 0,
            given: Uses::NONE,
            taken: Uses::NONE,
            limits: None,
            owned: Vec::new(),
            mine: Vec::new(),
            ahead: Vec::new(),
        };
        for (at, rule) in view.rules.iter().enumerate() {
            if rule.path.is_root() { root.arrive(at, rule, None) } else { root.ahead.push(at) }
        }
        root
    }

    /// One name further down. `whose` is the owner of what lies there, if that is known.
    #[must_use]
    pub fn enter(&self, view: &View, name: &[u8], whose: Option<OwnedBy<'_>>) -> Self {
        let mut place = Self {
            depth: self.depth + 1,
            given: self.given,
            taken: self.taken,
            limits: self.limits,
            owned: Vec::new(),
            mine: Vec::new(),
            ahead: Vec::new(),
        };
        for at in &self.owned {
            let is_mine = |rule: &Rule| rule.owner.as_ref().zip(whose).is_some_and(|(owner, whose)| owner.is(whose));
            if view.rules.get(*at).is_some_and(is_mine) {
                place.owned.push(*at);
                place.mine.push(true);
            }
        }
        for at in &self.ahead {
            let Some(rule) = view.rules.get(*at) else { continue };
            if rule.path.names().nth(self.depth) != Some(name) {
                continue;
            }
            if rule.path.names().len() == place.depth { place.arrive(*at, rule, whose) } else { place.ahead.push(*at) }
        }
        place
    }

    /// A rule's own path is reached.
    fn arrive(&mut self, at: usize, rule: &Rule, whose: Option<OwnedBy<'_>>) {
        match (rule.effect, &rule.owner) {
            (Effect::Deny, _) => self.taken = self.taken.or(rule.uses),
            (Effect::Allow, None) => {
                self.given = self.given.or(rule.uses);
                self.limits = widest(self.limits, rule);
            }
            (Effect::Allow, Some(owner)) => {
                self.owned.push(at);
                self.mine.push(whose.is_some_and(|whose| owner.is(whose)));
            }
        }
    }

    /// What may be done with what lies here.
    pub fn uses(&self, view: &View) -> Uses {
        self.given.or(self.of_owners(view)).without(self.taken).possible()
    }

    fn of_owners(&self, view: &View) -> Uses {
        let mine = self.owned.iter().zip(&self.mine).filter(|(_, mine)| **mine);
        mine.filter_map(|(at, _)| view.rules.get(*at)).fold(Uses::NONE, |uses, rule| uses.or(rule.uses))
    }

    /// How much of it may be taken away.
    pub fn limits(&self, view: &View) -> Limits {
        let mine = self.owned.iter().zip(&self.mine).filter(|(_, mine)| **mine);
        let limits = mine.filter_map(|(at, _)| view.rules.get(*at)).fold(self.limits, widest);
        limits.unwrap_or_default()
    }

    /// How it is shown.
    pub fn sight(&self, view: &View) -> Sight {
        if self.uses(view).has(Use::See) {
            Sight::Seen
        } else if self.leads_to(view, Use::See) {
            Sight::Bare
        } else {
            Sight::Hidden
        }
    }

    /// Whether a rule may give a use of something below, though none of this.
    pub fn leads_to(&self, view: &View, one: Use) -> bool {
        if self.taken.has(one) {
            return false;
        }
        let gives =
            |at: &usize| view.rules.get(*at).is_some_and(|rule| rule.effect == Effect::Allow && rule.uses.has(one));
        let at_its_path = |at: &usize| view.rules.get(*at).is_some_and(|rule| rule.path.names().len() == self.depth);
        self.owned.iter().filter(|at| at_its_path(at)).any(gives)
            || self.ahead.iter().any(|at| gives(at) && !self.is_taken_on_the_way(view, *at, one))
    }

    /// Whether a rule that takes stands above one that gives, or at the same path.
    fn is_taken_on_the_way(&self, view: &View, giving: usize, one: Use) -> bool {
        let Some(giving) = view.rules.get(giving) else { return true };
        self.ahead.iter().filter_map(|at| view.rules.get(*at)).any(|rule| {
            rule.effect == Effect::Deny
                && rule.uses.has(one)
                && rule.path.names().len() <= giving.path.names().len()
                && rule.path.names().zip(giving.path.names()).all(|(left, right)| left == right)
        })
    }

    /// Names right below at which rules lie ahead: what lies at others is shown, and may be used, by what holds here.
    pub fn names_ahead<'v>(&self, view: &'v View) -> Vec<&'v [u8]> {
        let rules = self.ahead.iter().filter_map(|at| view.rules.get(*at));
        let mut names: Vec<&[u8]> = rules.filter_map(|rule| rule.path.names().nth(self.depth)).collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// Whether whose something is matters right below.
    pub fn asks_owners(&self) -> bool {
        !self.owned.is_empty()
    }

    /// Whether everything below is shown, and may be used, as this is.
    pub fn is_uniform(&self) -> bool {
        self.ahead.is_empty() && self.owned.is_empty()
    }
}

/// How much may be taken away under a rule too.
pub(super) fn widest(limits: Option<Limits>, rule: &Rule) -> Option<Limits> {
    if !rule.uses.has(Use::Download) {
        return limits;
    }
    Some(limits.map_or(rule.limits, |limits| limits.widest(rule.limits)))
}
