//! What a question finds, in which order, and how it is shown.

use bygone_indexer::{ErrorKind, Page, Scope, Sort, SuggestionKind, Versions};
use bygone_vault::backend::CancelToken;

use crate::fixture::{File, Stand, Tree, file, query, tree};

fn names(stand: &Stand, text: &str) -> Vec<String> {
    let mut paths = stand.paths(text);
    paths.sort();
    paths
}

fn stand() -> Stand {
    Stand::of(&[tree([
        ("/home/alice/Отчёт за март.docx", file("march").size(240_000).changed("2026-03-31T10:00:00Z")),
        ("/home/alice/отчет.xlsx", file("table").size(20 << 20).changed("2026-10-05T10:00:00Z")),
        ("/home/alice/Résumé.pdf", file("cv").size(1_000).changed("2025-01-01T00:00:00Z")),
        ("/home/bob/reports/annual_report 2026.doc", file("annual").owner(1001, "bob")),
        ("/home/bob/reports/notes.txt", file("notes").owner(1001, "bob")),
        ("/home/bob/report", file("plain").owner(1001, "bob")),
        ("/home/bob/unreported.log", file("log").owner(1001, "bob")),
        ("/srv/empty", file("")),
        ("/srv/photo.JPG", file("photo")),
    ])])
}

#[test]
fn substrings_words_phrases_and_beginnings() {
    let stand = stand();
    assert_eq!(
        names(&stand, "name:epor"),
        [
            "/home/bob/report",
            "/home/bob/reports",
            "/home/bob/reports/annual_report 2026.doc",
            "/home/bob/unreported.log"
        ]
    );
    assert_eq!(names(&stand, "\"annual report\""), ["/home/bob/reports/annual_report 2026.doc"]);
    assert_eq!(
        names(&stand, "name:rep*"),
        ["/home/bob/report", "/home/bob/reports", "/home/bob/reports/annual_report 2026.doc"]
    );
    assert_eq!(names(&stand, "*.jpg"), ["/srv/photo.JPG"]);
    assert_eq!(names(&stand, "report notes"), ["/home/bob/reports/notes.txt"]);
    assert_eq!(names(&stand, "nothing"), Vec::<String>::new());
}

#[test]
fn case_accents_and_yo_do_not_count() {
    let stand = stand();
    assert_eq!(names(&stand, "ОТЧЁТ"), ["/home/alice/Отчёт за март.docx", "/home/alice/отчет.xlsx"]);
    assert_eq!(names(&stand, "resume"), ["/home/alice/Résumé.pdf"]);
    assert_eq!(names(&stand, "re\u{301}sume\u{301}"), ["/home/alice/Résumé.pdf"]);
}

#[test]
fn names_come_before_paths_and_whole_names_before_parts() {
    assert_eq!(
        stand().paths("report"),
        [
            "/home/bob/report",
            "/home/bob/reports/annual_report 2026.doc",
            "/home/bob/reports",
            "/home/bob/unreported.log",
            "/home/bob/reports/notes.txt",
        ]
    );
}

#[test]
fn conditions() {
    let stand = stand();
    assert_eq!(names(&stand, "ext:docx,pdf"), ["/home/alice/Résumé.pdf", "/home/alice/Отчёт за март.docx"]);
    assert_eq!(names(&stand, "ext:none kind:file"), ["/home/bob/report", "/srv/empty"]);
    assert_eq!(names(&stand, "size:>10M"), ["/home/alice/отчет.xlsx"]);
    assert_eq!(names(&stand, "size:0"), ["/srv/empty"]);
    assert_eq!(names(&stand, "changed:2026-03"), ["/home/alice/Отчёт за март.docx"]);
    assert_eq!(names(&stand, "changed:<2025-06 kind:file"), ["/home/alice/Résumé.pdf"]);
    assert_eq!(names(&stand, "kind:image"), ["/srv/photo.JPG"]);
    assert_eq!(names(&stand, "kind:folder path:/home"), ["/home", "/home/alice", "/home/bob", "/home/bob/reports"]);
    assert_eq!(names(&stand, "path:/HOME/bob/report"), ["/home/bob/report"]);
    assert_eq!(
        names(&stand, "path:reports kind:file"),
        ["/home/bob/reports/annual_report 2026.doc", "/home/bob/reports/notes.txt"]
    );
    assert_eq!(names(&stand, "owner:bob ext:log"), ["/home/bob/unreported.log"]);
    assert_eq!(names(&stand, "owner:1001 -ext:log,txt,doc"), ["/home/bob/report"]);
    assert_eq!(names(&stand, "host:host-1 -host:host-2 photo"), ["/srv/photo.JPG"]);
    assert_eq!(names(&stand, "source:laptop photo"), ["/srv/photo.JPG"]);
    assert_eq!(names(&stand, "host:other"), Vec::<String>::new());
    assert_eq!(names(&stand, "path:/nowhere"), Vec::<String>::new());
    assert_eq!(stand.ask("").total, stand.index.status().versions);
}

fn days() -> Stand {
    let first = tree([("/a.txt", file("one")), ("/b.txt", file("b")), ("/c.txt", file("one"))]);
    let second = tree([("/a.txt", file("two").changed("2026-11-02T00:00:00Z")), ("/c.txt", file("one"))]);
    let third: Tree = second.clone().into_iter().chain([("/d.txt".to_owned(), file("d"))]).collect();
    Stand::of(&[first, second, third])
}

#[test]
fn history_is_part_of_a_question() {
    let stand = days();
    assert_eq!(names(&stand, "deleted:yes"), ["/b.txt"]);
    assert_eq!(names(&stand, "deleted:no"), ["/a.txt", "/c.txt", "/d.txt"]);
    assert_eq!(names(&stand, "deleted:2026-11-02"), ["/b.txt"]);
    assert_eq!(names(&stand, "deleted:2026-11-03"), Vec::<String>::new());
    assert_eq!(names(&stand, "added:2026-11-03"), ["/d.txt"]);
    assert_eq!(names(&stand, "seen:2026-11-01"), ["/a.txt", "/b.txt", "/c.txt"]);
    assert_eq!(names(&stand, "a.txt"), ["/a.txt", "/a.txt"]);
    let hits = stand.ask("a.txt").hits;
    let newest = hits.first().unwrap();
    assert!(newest.is_current && newest.deleted.is_none());
    assert_eq!(newest.versions, Some(2));
    assert_eq!((newest.first.time, newest.last.time), (crate::fixture::day(1), crate::fixture::day(2)));
    let gone = stand.ask("b.txt").hits.remove(0);
    assert_eq!(gone.deleted, Some(crate::fixture::day(1)));
    assert_eq!(gone.last.copies[0].snapshot, crate::fixture::snapshot_id(1, 0));
}

#[test]
fn one_version_of_a_path_is_shown_unless_all_are_wanted() {
    let stand = days();
    let page = Page { versions: Versions::Best, ..Page::default() };
    let found = stand.index.search(&query("txt"), &Scope::everything(), &page).unwrap();
    let paths: Vec<_> = found.hits.iter().map(|hit| String::from_utf8_lossy(&hit.path).into_owned()).collect();
    assert_eq!(paths.len(), 4);
    assert_eq!((found.total, found.paths), (5, Some(4)));
    assert_eq!(paths[0], "/a.txt");
    assert!(found.hits[0].is_current);
}

#[test]
fn of_versions_that_were_changed_at_one_time_the_newest_snapshot_comes_first() {
    let days: Vec<Tree> = (0..8).map(|day| tree([("/a.txt", file(&format!("content of day {day}")))])).collect();
    let stand = Stand::of(&days);
    let firsts: Vec<_> = stand.ask("a.txt").hits.iter().map(|hit| hit.first.time).collect();
    assert_eq!(firsts, (0..8).rev().map(crate::fixture::day).collect::<Vec<_>>());
    let page = Page { versions: Versions::Best, ..Page::default() };
    let best = stand.index.search(&query("a.txt"), &Scope::everything(), &page).unwrap();
    assert!(best.hits.first().unwrap().is_current);
}

#[test]
fn a_question_that_nobody_waits_for_is_given_up() {
    let (stand, token) = (days(), CancelToken::new());
    let ask = || stand.index.search_until(&query("txt"), &Scope::everything(), &Page::default(), &token);
    assert_eq!(ask().unwrap().total, 5);
    token.cancel();
    assert_eq!(ask().unwrap_err().kind(), ErrorKind::Cancelled);
}

#[test]
fn equal_content_is_found_elsewhere() {
    let stand = days();
    let hit = stand.ask("c.txt").hits.remove(0);
    assert_eq!(names(&stand, &format!("content:{}", hit.content.unwrap())), ["/a.txt", "/c.txt"]);
    assert_eq!(stand.ask("kind:folder").hits.iter().filter(|hit| hit.content.is_some()).count(), 0);
}

#[test]
fn facets_count_what_fits() {
    let stand = stand();
    let facets = stand.ask("owner:bob").facets.unwrap();
    let pairs = |values: &[bygone_indexer::FacetValue]| -> Vec<(String, u64)> {
        values.iter().map(|value| (value.value.clone(), value.count)).collect()
    };
    assert_eq!(pairs(&facets.kinds), [("file".to_owned(), 4)]);
    assert_eq!(pairs(&facets.hosts), [("host-1".to_owned(), 4)]);
    let extensions = [("", 1), ("doc", 1), ("log", 1), ("txt", 1)].map(|(value, count)| (value.to_owned(), count));
    assert_eq!(pairs(&facets.extensions), extensions);
    // Every value can be asked for as it says.
    let all = stand.ask("").facets.unwrap();
    for values in [&all.kinds, &all.extensions, &all.sources, &all.hosts, &all.years] {
        for value in values {
            let kind = if std::ptr::eq(values, &all.extensions) { " kind:file" } else { "" };
            assert_eq!(stand.ask(&format!("{}{kind}", value.query)).total, value.count, "{}", value.query);
        }
    }
    for value in &all.sizes {
        assert_eq!(stand.ask(&value.query).total, value.count, "{}", value.query);
    }
}

#[test]
fn the_wrong_layout_and_a_slip_are_suggested() {
    let stand = stand();
    let found = stand.ask("jnxtn ext:xlsx");
    assert_eq!(found.total, 0);
    let suggestion = &found.suggestions[0];
    assert_eq!(
        (suggestion.kind, suggestion.query.as_str(), suggestion.total),
        (SuggestionKind::Layout, "отчет ext:xlsx", 1)
    );
    let found = stand.ask("anual");
    let suggestion = &found.suggestions[0];
    assert_eq!((suggestion.kind, suggestion.query.as_str(), suggestion.total), (SuggestionKind::Spelling, "annual", 1));
    assert_eq!(stand.ask("name:unreprted").suggestions[0].query, "name:unreported");
    assert!(stand.ask("zzzzzzzz").suggestions.is_empty());
    assert!(stand.ask("report").suggestions.is_empty());
}

#[test]
fn names_are_completed() {
    let stand = stand();
    let complete = |prefix: &str| -> Vec<String> {
        let found = stand.index.complete(prefix, &Scope::everything(), 10).unwrap();
        found.into_iter().map(|completion| completion.name).collect()
    };
    assert_eq!(complete("ОТЧЕТ"), ["Отчёт за март.docx", "отчет.xlsx"]);
    assert_eq!(complete("rep"), ["report", "reports"]);
    assert!(complete("").is_empty());
}

#[test]
fn what_fits_is_marked() {
    let stand = stand();
    let marked = |text: &str| -> Vec<String> {
        let hit = stand.ask(text).hits.remove(0);
        hit.highlights.iter().map(|(from, to)| String::from_utf8(hit.path[*from..*to].to_vec()).unwrap()).collect()
    };
    assert_eq!(marked("отчет март"), ["Отчёт", "март"]);
    assert_eq!(marked("\"annual report\""), ["annual_report"]);
    assert_eq!(marked("notes report"), ["report", "notes"]);
    assert_eq!(marked("resume"), ["Résumé"]);
    assert_eq!(marked("ext:log"), Vec::<String>::new());
}

fn many() -> Stand {
    let mut days = Tree::new();
    for number in 0..400_u32 {
        let month = number % 12 + 1;
        let file = File { size: u64::from(number % 7), ..file(&format!("c{}", number % 50)) };
        let file = file.changed(&format!("2026-{month:02}-01T00:00:00Z"));
        days.insert(format!("/d{}/file {}.txt", number % 9, number % 100), file);
    }
    Stand::of(&[days])
}

#[test]
fn pages_of_every_order_hold_everything_once() {
    let stand = many();
    let by_name = [Sort::Best, Sort::Name, Sort::NameReversed];
    let by_amount = [Sort::Newest, Sort::Oldest, Sort::Largest, Sort::Smallest, Sort::LastGone];
    for sort in by_name.into_iter().chain(by_amount) {
        for versions in [Versions::All, Versions::Best] {
            let mut page = Page { limit: 37, sort, versions, facets: false, after: None };
            let mut seen = Vec::new();
            loop {
                let found = stand.index.search(&query("file"), &Scope::everything(), &page).unwrap();
                seen.extend(found.hits.iter().map(|hit| hit.path.clone()));
                page.after = found.next;
                if page.after.is_none() {
                    break;
                }
            }
            let whole = Page { limit: 500, after: None, ..page };
            let found = stand.index.search(&query("file"), &Scope::everything(), &whole).unwrap();
            let at_once: Vec<_> = found.hits.into_iter().map(|hit| hit.path).collect();
            assert_eq!(seen, at_once, "{sort:?}");
            let mut once = seen.clone();
            once.sort();
            once.dedup();
            assert_eq!((once.len(), seen.len() as u64), (seen.len(), found.total), "{sort:?}");
        }
    }
}

#[test]
fn what_went_last_comes_first() {
    let all = ["/a", "/b", "/c", "/stays"];
    let day = |gone: &[&str]| -> Tree {
        let left = all.into_iter().filter(|path| !gone.contains(path));
        left.map(|path| (path.to_owned(), file(path))).collect()
    };
    let stand = Stand::of(&[day(&[]), day(&["/b"]), day(&["/b", "/c"]), day(&["/a", "/b", "/c"])]);
    let page = Page { sort: Sort::LastGone, ..Page::default() };
    let ask = |text: &str| stand.index.search(&query(text), &Scope::everything(), &page).unwrap().hits;
    let paths =
        |text: &str| ask(text).iter().map(|hit| String::from_utf8(hit.path.clone()).unwrap()).collect::<Vec<_>>();
    assert_eq!(paths("deleted:yes"), ["/a", "/c", "/b"]);
    assert_eq!(paths("kind:file"), ["/a", "/c", "/b", "/stays"], "what did not go comes at the end");
}

#[test]
fn orders_are_what_they_say() {
    let stand = many();
    let ask = |sort| {
        let page = Page { limit: 500, sort, ..Page::default() };
        stand.index.search(&query("ext:txt"), &Scope::everything(), &page).unwrap().hits
    };
    assert!(ask(Sort::Newest).windows(2).all(|two| two[0].mtime >= two[1].mtime));
    assert!(ask(Sort::Oldest).windows(2).all(|two| two[0].mtime <= two[1].mtime));
    assert!(ask(Sort::Largest).windows(2).all(|two| two[0].size >= two[1].size));
    assert!(ask(Sort::Smallest).windows(2).all(|two| two[0].size <= two[1].size));
    let name = |hit: &bygone_indexer::Hit| hit.path.rsplit(|byte| *byte == b'/').next().unwrap().to_vec();
    assert!(ask(Sort::Name).windows(2).all(|two| name(&two[0]) <= name(&two[1])));
    assert!(ask(Sort::NameReversed).windows(2).all(|two| name(&two[0]) >= name(&two[1])));
}

#[test]
fn pages_go_on_where_they_were_while_snapshots_come_and_go() {
    let mut stand = many();
    let page = Page { limit: 50, sort: Sort::Newest, ..Page::default() };
    let first = stand.index.search(&query("file"), &Scope::everything(), &page).unwrap();
    let known = stand.index.known();
    let before =
        stand.index.search(&query("file"), &Scope::everything(), &Page { after: first.next.clone(), ..page.clone() });
    // Another source, and the same tree again: nothing of the answer changes but what is new.
    stand.take(2, 5, &tree([("/x.txt", file("x"))]));
    let again =
        bygone_indexer::SnapshotRef { time: crate::fixture::day(9), ..crate::fixture::snapshot(1, 9, known[0].tree) };
    stand.index.ingest(&stand.forest, &again).unwrap();
    let after = stand.index.search(&query("file"), &Scope::everything(), &Page { after: first.next, ..page });
    let paths = |found: bygone_indexer::Result<bygone_indexer::Found>| -> Vec<Vec<u8>> {
        found.unwrap().hits.into_iter().map(|hit| hit.path).collect()
    };
    assert_eq!(paths(before), paths(after));
}

#[test]
fn a_cursor_of_another_question_is_refused() {
    let stand = many();
    let page = Page { limit: 5, ..Page::default() };
    let next = stand.index.search(&query("file"), &Scope::everything(), &page).unwrap().next;
    for (text, sort) in [("other", Sort::Best), ("file", Sort::Name)] {
        let page = Page { after: next.clone(), sort, ..page.clone() };
        let error = stand.index.search(&query(text), &Scope::everything(), &page).unwrap_err();
        assert_eq!(error.kind(), bygone_indexer::ErrorKind::InvalidInput);
    }
    let page = Page { after: Some("zz".to_owned()), ..page };
    assert!(stand.index.search(&query("file"), &Scope::everything(), &page).is_err());
}
